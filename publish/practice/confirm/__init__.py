"""The keys of practice problems computed a second time, by torch and from the data alone.

``confirm/<family>.py`` defines ``keys(data, level)``: one value for each field, in their order, a
number, a list or a tensor, in double precision.
"""
