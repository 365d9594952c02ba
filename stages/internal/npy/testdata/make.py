# Writes the arrays of the tests: python make.py
import numpy as np

np.save("grades.npy", np.array([[0], [3], [-1], [300]], np.int16))
