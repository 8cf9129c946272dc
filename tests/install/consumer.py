# SPDX-License-Identifier: MIT
"""Prints the energy of a carbon monoxide molecule: consumer.py MODEL"""
import sys
from openmmequivariant import Evaluator
print(repr(Evaluator(sys.argv[1]).evaluate([6, 8], [[0, 0, 0], [1.13, 0, 0]]).energy))
