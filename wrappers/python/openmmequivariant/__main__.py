# SPDX-License-Identifier: MIT
"""python -m openmmequivariant convert KIND IN OUT: makes model files of other programs' models.

Bad input gives one line on standard error and exit status 2.
"""
import argparse
import sys

from . import convert
from .program import fail, replacing


def _numbers(text):
    return [int(number) for number in text.replace(",", " ").split()]


def _parser():
    parser = argparse.ArgumentParser(prog="python -m openmmequivariant")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    kinds = commands.add_parser(
        "convert", help="make a model file of another program's model",
        description="Makes a model file (.safetensors) of another program's model.")
    kinds = kinds.add_subparsers(dest="kind", required=True, metavar="KIND")
    mace = _add_kind(kinds, "mace", "a model saved by mace-torch, which has to be installed; reading "
                     "it can run code that it contains, so convert only files that you trust")
    mace_json = _add_kind(kinds, "mace-json", "a MACE model as JSON (tests/data/mace/README.md)")
    ponita = _add_kind(kinds, "ponita", "a checkpoint of ebekkers/ponita; needs PyTorch")
    _add_kind(kinds, "ponita-json", "a PONITA model as JSON (tests/data/ponita/README.md)")
    for kind in (mace, mace_json, ponita):
        kind.add_argument("--license", help="licence of the weights, kept in the file")
    ponita.add_argument("--grid", metavar="FILE",
                        help="orientations of the training run, as JSON or lines of text")
    ponita.add_argument("--scale", type=float,
                        help="root mean square of the training set's forces, eV/Å")
    ponita.add_argument("--shift", type=float, help="mean energy of the training set, eV")
    ponita.add_argument("--atomic-numbers", type=_numbers, metavar="Z,Z,...",
                        help="elements of the training set")
    ponita.add_argument("--input-index", type=_numbers, metavar="I,I,...",
                        help="which input is 1 for each element (default: its atomic number)")
    ponita.add_argument("--space", choices=("R2", "R3", "R2xS1", "R3xS2", "R3xS2-point-cloud"),
                        help="needed where the shapes leave it open")
    ponita.add_argument("--weights", choices=("ema", "raw"),
                        help="moving averages (default) or last weights")
    ponita.add_argument("--trusted", action="store_true", default=None,
                        help="read a file that can run code of its own")
    return parser


def _add_kind(kinds, name, text):
    kind = kinds.add_parser(name, help=text, description=f"Converts {text}.")
    kind.add_argument("input", metavar="IN")
    kind.add_argument("output", metavar="OUT")
    return kind


def _convert(arguments):
    """Convert into a temporary file beside the output, which is replaced only if all went well."""
    options = {key: value for key, value in vars(arguments).items()
               if value is not None and key not in ("command", "kind", "input", "output")}
    with open(arguments.input, "rb"):
        pass  # an error of the system names the file
    converter = getattr(convert, "convert_" + arguments.kind.replace("-", "_"))
    with replacing(arguments.output) as path:
        try:
            converter(arguments.input, path, **options)
            _check(path)
        except convert.ConversionError as error:
            raise convert.ConversionError(str(error).replace(path, arguments.output)) from None
    import safetensors
    with safetensors.safe_open(arguments.output, "numpy") as file:
        metadata = file.metadata()
    print(f"written: {arguments.output} ({metadata['architecture']})")
    for key in ("license", "citation", "provenance"):
        print(f"{key}: {metadata[key]}")


def _check(path):
    """Read what was written, as programs will that use it."""
    import openmm
    from . import Model
    try:
        Model(path)
    except openmm.OpenMMException as error:
        raise convert.ConversionError(f"the converted model is refused: {error}") from None


def main(argv=None):
    """Run the program; returns its exit status."""
    arguments = _parser().parse_args(argv)
    try:
        _convert(arguments)
    except OSError as error:
        return fail("error", f"{error.filename}: {error.strerror}")
    except ImportError as error:
        return fail("error", f"a package is missing: {error}")
    except convert.ConversionError as error:
        message = str(error)
        return fail("error", message if arguments.input in message
                    else f"{arguments.input}: {message}")
    except (AttributeError, LookupError, RecursionError, TypeError, ValueError) as error:
        return fail("error", f"{arguments.input}: not laid out as it should be "
                    f"({type(error).__name__}: {error})")
    return 0


if __name__ == "__main__":
    sys.exit(main())
