# SPDX-License-Identifier: MIT
"""Models and analyses around equivariant learning, one compiled module each, on NumPy arrays.

docs/tools has a page for each tool; openmmequivariant.tools.NAME is the tool of that name, with
underscores for dashes. Bad input raises ValueError.
"""
