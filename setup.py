"Package litoptim: every fact and every list of requirements is read from settings.ini."
import shutil
from configparser import ConfigParser
from pathlib import Path

from setuptools import find_packages, setup
from setuptools.command.build_py import build_py

here = Path(__file__).parent
config = ConfigParser(delimiters=["="])
config.read_string((here/"settings.ini").read_text(encoding="utf-8"))
cfg = config["DEFAULT"]
statuses = {"2": "2 - Pre-Alpha", "3": "3 - Alpha", "4": "4 - Beta", "5": "5 - Production/Stable"}


def listed(key):
    "The values of a setting that has one to a line."
    return cfg.get(key, "").strip().splitlines()


class WithBook(build_py):
    "The notebooks go into the wheel, for `litoptim book`."
    def run(self):
        super().run()
        if self.editable_mode: return
        left_out = shutil.ignore_patterns(".*", "*.py", "*.css", "__pycache__")
        shutil.copytree(here/cfg["nbs_path"], Path(self.build_lib)/cfg["lib_path"]/"book", ignore=left_out, dirs_exist_ok=True)


setup(
    name=cfg["lib_name"],
    version=cfg["version"],
    description=cfg["description"],
    long_description=(here/"README.md").read_text(encoding="utf-8"),
    long_description_content_type="text/markdown",
    author=cfg["author"],
    url=cfg["git_url"],
    license={"apache2": "Apache-2.0"}[cfg["license"]],
    keywords=cfg["keywords"],
    classifiers=[
        f"Development Status :: {statuses[cfg['status']]}",
        f"Intended Audience :: {cfg['audience']}",
        f"Natural Language :: {cfg['language']}",
        "Programming Language :: Python :: 3",
    ],
    packages=find_packages(include=[cfg["lib_path"], f"{cfg['lib_path']}.*"]),
    python_requires=f">={cfg['min_python']}",
    install_requires=listed("requirements"),
    extras_require={key.removesuffix("_requirements"): listed(key) for key in cfg if key.endswith("_requirements")},
    entry_points={"console_scripts": listed("console_scripts")},
    cmdclass={"build_py": WithBook},
    zip_safe=False,
)
