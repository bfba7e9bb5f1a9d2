"How a step is run: rules are traced and compiled, and parameters that take their step together are put into buckets."
