"The book's own tools: landscapes, test problems, pictures, the race and the benchmark. No optimizer needs them."
