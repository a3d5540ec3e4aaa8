#!/usr/bin/env python3
"""Checks the shape of the source tree: who includes whom, names, and sizes.

Usage: check_layers.py [ROOT]

Prints each breach as `file:line: what is wrong and what is allowed` and exits 1 if there is any, 0 if there is none, 3 if
ROOT is no source tree. The rules:

* A folder includes only what the table LAYERS allows, and what those may include.
* Our headers are included from the repository's root, in quotes: #include "harness/history/operation.hpp".
* Boost.Process is included in harness/process only, libcurl in harness/http only.
* No file is called utils, common, manager or helper: such a name says nothing about what belongs in it.
* A class's name is given once in a namespace.
* A file has at most FILE_LINES lines, a function at most FUNCTION_LINES (see those constants for the margin).
"""
import pathlib
import re
import sys

# Folder -> what it may include; what those may include comes with them. Itself always. `adapters` stands for each of its
# folders, which may not include one another.
LAYERS = {
    "harness/history": [],
    "harness/process": [],
    "harness/session": ["harness/history"],
    "harness/http": ["harness/session"],
    "harness/service": ["harness/session", "harness/process", "harness/http"],
    "harness/policies": ["harness/session"],
    "harness/faults": ["harness/session", "harness/process"],
    "harness/run": ["harness/policies", "harness/faults"],
    "harness/cli": ["*"],
    "workloads": ["harness/session"],
    "adapters": ["harness/session", "harness/process", "harness/http", "harness/service"],
    "checkers": ["harness/history"],
    "results": ["checkers", "harness/history"],
}

TOP_FOLDERS = ("harness", "workloads", "adapters", "checkers", "results")
SOURCE_SUFFIXES = {".hpp", ".cpp", ".h", ".cc", ".ipp"}
BOOST_PROCESS_FOLDER = "harness/process"
LIBCURL_FOLDER = "harness/http"
# Anywhere in the name, as a word of its own: run_utils.hpp, string_helper.cpp, common.hpp.
EMPTY_NAMES = {"util", "utils", "utility", "utilities", "common", "manager", "managers", "helper", "helpers", "misc"}

# The rule is "about 400 lines" and "about 70 lines"; the margin of a tenth keeps "about" true.
FILE_LINES = 440
FUNCTION_LINES = 77

NAMESPACE = re.compile(r"namespace(?: ([\w:]+))? \{")
CLASS = re.compile(r"(?:struct|class|enum class|enum) (\w+)(?: final)?(?: : [^;]*)?(?: \{.*)?$")
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')
# What opens a brace that is no function's. A function's body may hold any of these; only the outermost matters.
NOT_A_FUNCTION = re.compile(r"\b(namespace|class|struct|union|enum|extern)\b")


def folder_of(path):
    """The layer that a path (its parts, relative to the root) belongs to, or None."""
    parts = pathlib.PurePosixPath(path).parts
    if len(parts) < 2 or parts[0] not in TOP_FOLDERS:
        return None
    if parts[0] == "harness":
        return "/".join(parts[:2]) if len(parts) > 2 else "harness"
    if parts[0] == "adapters":
        return "/".join(parts[:2]) if len(parts) > 2 else "adapters"
    return parts[0]


def allowed_from(folder):
    """Every layer that `folder` may include, itself among them; {'*'} for all."""
    rule = "adapters" if folder.startswith("adapters/") else folder
    allowed, open_rules = {folder}, list(LAYERS[rule])
    while open_rules:
        layer = open_rules.pop()
        if layer not in allowed:
            allowed.add(layer)
            open_rules.extend(LAYERS.get(layer, []))
    return allowed


def without_comments_and_literals(text):
    """The text with comments and the insides of literals blanked; the lines stay where they are."""
    pattern = re.compile(
        r'//[^\n]*|/\*.*?\*/'
        r'|(?:u8|[uUL])?R"([^()\s\\]{0,16})\(.*?\)\1"'
        r'|"(?:\\.|[^"\\\n])*"'
        # Not a digit separator: 1'000'000.
        r"|(?<![0-9a-zA-Z_])'(?:\\.|[^'\\\n])+'",
        re.DOTALL,
    )
    return pattern.sub(lambda match: re.sub(r"[^\n]", " ", match.group(0)), text)


def functions(text):
    """Yields (first line, last line, head) of each outermost function body in `text`, found by its braces.

    A brace opens a function if what stands before it, back to the last `;`, `{` or `}`, has a parameter list and is no
    namespace, class, struct, union, enum or extern block. Functions inside of functions count with the outer one.
    """
    clean = without_comments_and_literals(text)
    clean = re.sub(r"^[ \t]*#(?:[^\n]*\\\n)*[^\n]*", lambda match: re.sub(r"[^\n]", " ", match.group(0)), clean, flags=re.M)
    stack = []  # for each open brace: the position of the function's head, or None
    inside = 0
    head_start = 0
    parentheses = 0
    for position, character in enumerate(clean):
        if character == "(":
            parentheses += 1
        elif character == ")":
            parentheses = max(0, parentheses - 1)
        elif character == "{":
            head = clean[head_start:position]
            # In a parameter list or a call it is an initialiser, and part of the head.
            if parentheses and not inside:
                stack.append((None, parentheses, head_start))
                parentheses = 0
            else:
                # template <class T> and `enum class` in a parameter are no blocks of their own.
                bare = re.sub(r"template\s*<[^{;]*?>\s*(?=[a-zA-Z_\[])", " ", head)
                is_function = not inside and "(" in head and not NOT_A_FUNCTION.search(bare.split("(")[0])
                is_function = is_function and not re.search(r"=\s*$", head)
                stack.append((head_start if is_function else None, parentheses, None))
                inside += is_function
                parentheses = 0
            head_start = position + 1
        elif character == "}":
            opened, parentheses, resumed = stack.pop() if stack else (None, 0, None)
            if opened is not None:
                inside -= 1
                if re.match(r"\s*[,{]", clean[position + 1 :]):
                    resumed = opened  # `Name(...) : member_{1}, other_{2} {`: still the head of a constructor
                else:
                    start = opened + len(clean[opened:]) - len(clean[opened:].lstrip())
                    first = clean.count("\n", 0, start) + 1
                    yield first, clean.count("\n", 0, position) + 1, " ".join(clean[start:].split("{")[0].split())
            head_start = position + 1 if resumed is None else resumed
        elif character == ";" and not parentheses:
            head_start = position + 1


def include_breaches(name, lines):
    folder = folder_of(name)
    rule = "adapters" if folder.startswith("adapters") else folder
    if rule not in LAYERS:
        yield 1, f"{folder} is not in the table of layers: add it there, with what it may include"
        return
    allowed = allowed_from(folder)
    for number, line in enumerate(lines, 1):
        match = INCLUDE.match(line)
        if not match:
            continue
        bracket, target = match.groups()
        if re.match(r"boost/process(\.hpp|/)", target) and folder != BOOST_PROCESS_FOLDER:
            yield number, f"includes {target}: Boost.Process is for {BOOST_PROCESS_FOLDER} only"
        if target.startswith("curl/") and folder != LIBCURL_FOLDER:
            yield number, f"includes {target}: libcurl is for {LIBCURL_FOLDER} only"
        layer = folder_of(target)
        if layer is None:
            if bracket == '"':
                yield number, f'includes "{target}": ours are included from the root ("{folder}/..."), others with <>'
        elif bracket == "<":
            yield number, f'includes <{target}>: ours are included in quotes'
        elif "*" not in allowed and layer not in allowed:
            names = ", ".join(sorted(allowed - {folder})) or "nothing of ours"
            yield number, f"includes {target}, but {folder} may include only itself and {names}"


def shape_breaches(name, text):
    words = re.split(r"[^a-z]+", pathlib.PurePosixPath(name).stem.lower())
    for word in sorted(EMPTY_NAMES.intersection(words)):
        yield 1, f"'{word}' in a file's name says nothing of what belongs in it: name it by what it does"
    count = len(text.splitlines())
    if count > FILE_LINES:
        yield count, f"{count} lines, more than {FILE_LINES}: split it by what its parts do"
    for first, last, head in functions(text):
        length = last - first + 1
        if length > FUNCTION_LINES:
            yield first, f"a function of {length} lines, more than {FUNCTION_LINES}: {head[:80]}"


def classes_of(text):
    """(name with its namespaces, line) of each class that a file defines for the whole program: none in an unnamed namespace."""
    within = []
    for number, line in enumerate(text.splitlines(), 1):
        if opened := NAMESPACE.match(line):
            within.append(opened.group(1) or "")
        elif line.startswith("}  // namespace") and within:
            within.pop()
        elif (defined := CLASS.match(line)) and "" not in within:
            yield "::".join([*within, defined.group(1)]), number


def breaches(root):
    """Yields (file, line, what) for everything under `root`, in order."""
    defined = {}
    for top in TOP_FOLDERS:
        for path in sorted((root / top).rglob("*")):
            if path.suffix not in SOURCE_SUFFIXES or not path.is_file():
                continue
            name = path.relative_to(root).as_posix()
            text = path.read_text(encoding="utf-8")
            for number, what in include_breaches(name, text.splitlines()):
                yield name, number, what
            for number, what in shape_breaches(name, text):
                yield name, number, what
            for one, number in classes_of(text):
                if one in defined:
                    yield name, number, f"{one} is defined in {defined[one]} too: to the linker two classes of one name are one"
                defined.setdefault(one, name)


def main(arguments):
    if len(arguments) > 1 or arguments[:1] in (["-h"], ["--help"]):
        print(__doc__, file=sys.stderr)
        return 3
    root = pathlib.Path(arguments[0]) if arguments else pathlib.Path(__file__).resolve().parents[2]
    if not any((root / top).is_dir() for top in TOP_FOLDERS):
        print(f"check_layers: {root} has none of the folders {', '.join(TOP_FOLDERS)}", file=sys.stderr)
        return 3
    count = 0
    for name, number, what in breaches(root):
        print(f"{name}:{number}: {what}")
        count += 1
    print(f"check_layers: {count} breaches" if count else "check_layers: all is well")
    return 1 if count else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
