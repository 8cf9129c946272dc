# SPDX-License-Identifier: MIT
"""What the programs of this package share: how they start, end, read and write."""
import contextlib
import errno
import functools
import importlib
import os
import sys
import tempfile


class InputError(Exception):
    """What the user can mend; the message is one line that names the culprit."""


def fail(program, message):
    """Print one line on the standard error; returns the exit status of bad input."""
    print(f"{program}: " + " ".join(str(message).split()), file=sys.stderr)
    return 2


def run(name, argv=None):
    """Run `equivariant NAME`, main(argv) of the module of that name; returns its exit status."""
    program = f"equivariant {name}"
    try:
        importlib.import_module(f".{name}", __package__).main(argv)
    except InputError as error:
        return fail(program, error)
    except ModuleNotFoundError as error:
        return fail(program, f"the package {error.name} is missing: pip install {error.name}")
    except OSError as error:
        return fail(program, f"{error.filename}: {error.strerror}" if error.filename else error)
    except KeyboardInterrupt:
        return 130
    return 0


# Console scripts.
label = functools.partial(run, "label")
learn = functools.partial(run, "learn")


@contextlib.contextmanager
def replacing(path):
    """Context with the path of a file to write, which takes the place of `path` if all goes well.

    Raises FileNotFoundError where the folder of `path` does not exist.
    """
    path = os.path.abspath(path)
    folder = os.path.dirname(path)
    if not os.path.isdir(folder):
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), folder)
    with tempfile.TemporaryDirectory(prefix=".unfinished-", dir=folder) as scratch:
        unfinished = os.path.join(scratch, os.path.basename(path))
        yield unfinished
        os.replace(unfinished, path)
