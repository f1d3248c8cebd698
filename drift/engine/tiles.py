"""Products of small matrices whose sums stay in registers: the inner loops of every step.

A *tile* is up to ``TILE_ROWS`` rows of up to ``TILE_BLOCKS`` blocks of units: one vector of
sixteen units a row and block, each the sum of products of a number with a vector. Each sum runs in
the order of its terms from zero, so that its bits do not depend on the size of the tile, which is
chosen by the machine's number of registers.

An operand is a tuple, counted in elements as in :mod:`drift.engine.simd`: (address of an array,
offset of its first element, stride from block to block) if it holds vectors, row after row;
(address, offset, stride from row to row, stride from column to column) if it holds single numbers.
"""

from __future__ import annotations

import itertools

from llvmlite import ir
from numba import config, types
from numba.core import cgutils
from numba.core.codegen import get_host_cpu_features
from numba.extending import intrinsic

from drift.engine.simd import (
    LANES,
    llvm_intrinsic,
    select_positive,
    splat_scalar,
    vector_place,
    vector_type,
)

_CPU_FEATURES = config.CPU_FEATURES or get_host_cpu_features()
_MANY_REGISTERS = "+avx512f" in _CPU_FEATURES.split(",")
TILE_ROWS, TILE_BLOCKS = (8, 2) if _MANY_REGISTERS else (4, 1)
TILE_SIDE = 4 if _MANY_REGISTERS else 2
"""Samples, and outputs, whose sums over units are kept at the same time."""

_WORD = ir.IntType(64)


def _word(number):
    return _WORD(number) if isinstance(number, int) else number


class _Vectors:
    """An operand that holds vectors: the one of block b and row p is at (b, p)."""

    def __init__(self, context, builder, kind, operand):
        self.builder, self.element = builder, kind[0].dtype
        self.vector = context.get_value_type(vector_type(self.element))
        self.pointer, self.offset, self.stride = (
            builder.extract_value(operand, i) for i in range(3)
        )

    def place(self, block, row):
        """LLVM pointer to the vector of ``block`` and ``row``, LLVM or Python integers."""
        builder = self.builder
        offset = builder.add(self.offset, builder.mul(_word(block), self.stride))
        offset = builder.add(offset, builder.mul(_word(row), _WORD(LANES)))
        return vector_place(builder, self.vector, self.pointer, offset)

    def load(self, block, row):
        return self.builder.load(self.place(block, row), align=self.element.bitwidth // 8)

    def store(self, vector, block, row):
        self.builder.store(vector, self.place(block, row), align=self.element.bitwidth // 8)


class _Numbers:
    """An operand that holds single numbers."""

    def __init__(self, builder, operand):
        self.builder = builder
        self.pointer, self.offset, *self.strides = (
            builder.extract_value(operand, i) for i in range(4)
        )

    def place(self, *indices):
        """LLVM pointer to the number at (row, column), LLVM or Python integers."""
        builder, offset = self.builder, self.offset
        for index, stride in zip(indices, self.strides, strict=True):
            offset = builder.add(offset, builder.mul(_word(index), stride))
        return builder.gep(self.pointer, [offset])


def _sums(builder, vectors, count, length, factors):
    """``count`` sums over ``length`` terms; ``factors(term)`` gives a pair of vectors for each."""
    zero = ir.Constant(vectors.vector, [0.0] * LANES)
    places = [cgutils.alloca_once(builder, vectors.vector) for _ in range(count)]
    for place in places:
        builder.store(zero, place)
    with cgutils.for_range(builder, length) as loop:
        for place, (left, right) in zip(places, factors(loop.index), strict=True):
            arguments = [left, right, builder.load(place)]
            builder.store(llvm_intrinsic(builder, "fma", vectors.element, arguments), place)
    return [builder.load(place) for place in places]


def _for_every_size(builder, limits, sizes, generate):
    """``generate`` code for every pair of sizes from 1 to ``limits``; run that of ``sizes``."""
    code = builder.add(builder.mul(sizes[0], _WORD(limits[1] + 1)), sizes[1])
    end = builder.append_basic_block("end")
    switch = builder.switch(code, end)
    for first, second in itertools.product(*(range(1, limit + 1) for limit in limits)):
        case = builder.append_basic_block(f"case_{first}_{second}")
        switch.add_case(_WORD(first * (limits[1] + 1) + second), case)
        builder.position_at_end(case)
        generate(first, second)
        builder.branch(end)
    builder.position_at_end(end)


def _product(finish):
    """Code that stores ``finish(sum, block, row)`` for all sums of a tile."""

    def generate(context, builder, signature, arguments):
        (out_kind, _, right_kind), (out, left, right) = signature.args[:3], arguments[:3]
        inner, rows, blocks = arguments[3:6]
        out = _Vectors(context, builder, out_kind, out)
        right = _Vectors(context, builder, right_kind, right)
        left = _Numbers(builder, left)
        store = finish(context, builder, signature, arguments, out)

        def tile(row_count, block_count):
            def factors(term):
                vectors = [right.load(block, term) for block in range(block_count)]
                for row in range(row_count):
                    number = splat_scalar(builder, builder.load(left.place(row, term)))
                    for vector in vectors:
                        yield number, vector

            sums = _sums(builder, out, row_count * block_count, inner, factors)
            for i, value in enumerate(sums):
                store(value, i % block_count, i // block_count)

        _for_every_size(builder, (TILE_ROWS, TILE_BLOCKS), (rows, blocks), tile)
        return context.get_dummy_value()

    return generate


@intrinsic
def add_product(typing_context, out, left, right, inner, rows, blocks, scale):
    """out[b, p] += ``scale`` * sum over q < ``inner`` of left[p, q] * right[b, q].

    ``left`` holds single numbers, ``out`` and ``right`` vectors, and ``scale`` is a vector.
    """

    def finish(context, builder, signature, arguments, out):
        def store(value, block, row):
            terms = [value, arguments[6], out.load(block, row)]
            out.store(llvm_intrinsic(builder, "fma", out.element, terms), block, row)

        return store

    return types.void(out, left, right, inner, rows, blocks, scale), _product(finish)


@intrinsic
def activated_product(typing_context, out, left, right, inner, rows, blocks, leak):
    """out[b, p] = the same sums; where not above zero they are multiplied by ``leak``."""

    def finish(context, builder, signature, arguments, out):
        def store(value, block, row):
            small = builder.fmul(value, arguments[6])
            out.store(select_positive(builder, value, value, small), block, row)

        return store

    return types.void(out, left, right, inner, rows, blocks, leak), _product(finish)


@intrinsic
def gated_product(typing_context, out, left, right, inner, rows, blocks, leak, gate):
    """out[b, p] = the same sums; where gate[b, p] is not above zero times the vector ``leak``."""

    def finish(context, builder, signature, arguments, out):
        gate = _Vectors(context, builder, signature.args[7], arguments[7])

        def store(value, block, row):
            small = builder.fmul(value, arguments[6])
            open_or_not = select_positive(builder, gate.load(block, row), value, small)
            out.store(open_or_not, block, row)

        return store

    return types.void(out, left, right, inner, rows, blocks, leak, gate), _product(finish)


def _totals(builder, vectors):
    """One vector with the sums over the lanes of up to sixteen vectors, one a lane.

    Halves are added pairwise, lane i to lane i + width; two vectors share an addition.
    """
    width = LANES
    while width > 1:
        width //= 2
        low = [lane for lane in range(2 * LANES) if lane % (2 * width) < width]
        masks = [
            ir.Constant(ir.VectorType(ir.IntType(32), LANES), [lane + shift for lane in low])
            for shift in (0, width)
        ]
        pairs = [
            (vectors[i], vectors[min(i + 1, len(vectors) - 1)]) for i in range(0, len(vectors), 2)
        ]
        vectors = [
            builder.fadd(*(builder.shuffle_vector(*pair, mask) for mask in masks)) for pair in pairs
        ]
    return vectors[0]


@intrinsic
def product_over_units(typing_context, out, left, right, blocks, rows, columns):
    """out[p, q] = sum over blocks and their units of left[b, p] * right[b, q].

    ``out`` holds single numbers, ``left`` and ``right`` vectors.
    """

    def generate(context, builder, signature, arguments):
        out = _Numbers(builder, arguments[0])
        left, right = (_Vectors(context, builder, signature.args[i], arguments[i]) for i in (1, 2))

        def tile(row_count, column_count):
            def factors(block):
                return itertools.product(
                    [left.load(block, row) for row in range(row_count)],
                    [right.load(block, column) for column in range(column_count)],
                )

            sums = _sums(builder, left, row_count * column_count, arguments[3], factors)
            totals = _totals(builder, sums)
            for i in range(len(sums)):
                number = builder.extract_element(totals, ir.Constant(ir.IntType(32), i))
                builder.store(number, out.place(*divmod(i, column_count)))

        _for_every_size(builder, (TILE_SIDE, TILE_SIDE), arguments[4:6], tile)
        return context.get_dummy_value()

    return types.void(out, left, right, blocks, rows, columns), generate
