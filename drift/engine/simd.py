"""Vectors of sixteen numbers as values inside Numba kernels.

LLVM's auto-vectoriser chooses the order of sums by the width of the machine it compiles for, so the
same seed gives other bits elsewhere, and it cannot keep a tile of accumulators in registers. Here
a vector type is part of the program instead: sixteen lanes on every machine (LLVM splits them where
registers are narrower), every multiply-add fused, every horizontal sum in one stated order.

The functions below can be called only from code compiled by ``njit``. A ``pointer`` is
the ``address`` of an array; an ``offset`` counts its elements; nothing is bounds-checked.
"""

from __future__ import annotations

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic, models, register_model

from drift.support.compiled import njit

LANES = 16


class VectorType(types.Type):
    """Numba type of a vector of :data:`LANES` numbers of one element type."""

    def __init__(self, element: types.Type) -> None:
        self.element = element
        super().__init__(name=f"{element}x{LANES}")


@register_model(VectorType)
class _VectorModel(models.PrimitiveModel):
    def __init__(self, manager, vector_type):
        element = manager[vector_type.element].get_value_type()
        super().__init__(manager, vector_type, ir.VectorType(element, LANES))


float32x16 = VectorType(types.float32)
float64x16 = VectorType(types.float64)
uint32x16 = VectorType(types.uint32)
_VECTOR = {
    types.float32: float32x16,
    types.float64: float64x16,
    types.uint32: uint32x16,
}
_SUFFIX = {types.float32: f"v{LANES}f32", types.float64: f"v{LANES}f64"}


def _constant(llvm_type, value):
    return ir.Constant(llvm_type, [value] * LANES)


def vector_type(element: types.Type) -> VectorType:
    """The type of a vector of ``element``."""
    return _VECTOR[element]


def vector_place(builder, vector, pointer, offset):
    """LLVM pointer to a ``vector`` (an LLVM type) that begins ``offset`` elements on."""
    return builder.bitcast(builder.gep(pointer, [offset]), vector.as_pointer())


def _vector_pointer(context, builder, pointer_type, pointer, offset):
    vector = context.get_value_type(_VECTOR[pointer_type.dtype])
    return vector_place(builder, vector, pointer, offset)


def splat_scalar(builder, scalar):
    """LLVM vector with ``scalar`` in every lane."""
    vector = ir.VectorType(scalar.type, LANES)
    undefined = ir.Constant(vector, ir.Undefined)
    lane = ir.Constant(ir.IntType(32), 0)
    single = builder.insert_element(undefined, scalar, lane)
    mask = _constant(ir.VectorType(ir.IntType(32), LANES), 0)
    return builder.shuffle_vector(single, undefined, mask)


def llvm_intrinsic(builder, name, element, arguments):
    """Call of LLVM's intrinsic ``name`` on vectors of ``element``."""
    kind = arguments[0].type
    signature = ir.FunctionType(kind, [kind] * len(arguments))
    function = cgutils.get_or_insert_function(
        builder.module, signature, f"llvm.{name}.{_SUFFIX[element]}"
    )
    return builder.call(function, arguments)


@intrinsic
def address(typing_context, array):
    """The place in memory of the first element of a contiguous ``array``, with its element type.

    An array handed from function to function has its references counted, which in small kernels
    takes longer than the arithmetic. The caller keeps the array alive.
    """

    def generate(context, builder, signature, arguments):
        return context.make_array(signature.args[0])(context, builder, arguments[0]).data

    return types.CPointer(array.dtype)(array), generate


@intrinsic
def load(typing_context, pointer, offset):
    """The sixteen elements from ``offset`` on."""

    def generate(context, builder, signature, arguments):
        place = _vector_pointer(context, builder, signature.args[0], *arguments)
        return builder.load(place, align=pointer.dtype.bitwidth // 8)

    return _VECTOR[pointer.dtype](pointer, types.intp), generate


@intrinsic
def store(typing_context, pointer, offset, vector):
    """Write ``vector`` from ``offset`` on."""

    def generate(context, builder, signature, arguments):
        place = _vector_pointer(context, builder, signature.args[0], *arguments[:2])
        builder.store(arguments[2], place, align=pointer.dtype.bitwidth // 8)
        return context.get_dummy_value()

    return types.void(pointer, types.intp, vector), generate


@intrinsic
def splat(typing_context, scalar):
    """A vector holding ``scalar`` (typed: float32, float64 or uint32) in every lane."""

    def generate(context, builder, signature, arguments):
        return splat_scalar(builder, arguments[0])

    return _VECTOR[scalar](scalar), generate


@intrinsic
def zeros_like(typing_context, pointer):
    """A vector of zeros of the element type of ``pointer``."""
    vector = _VECTOR[pointer.dtype]

    def generate(context, builder, signature, arguments):
        return _constant(context.get_value_type(vector), 0.0)

    return vector(pointer), generate


@intrinsic
def as_element(typing_context, pointer, number):
    """``number`` (a float64) in the element type of ``pointer``."""

    def generate(context, builder, signature, arguments):
        return context.cast(builder, arguments[1], signature.args[1], pointer.dtype)

    return pointer.dtype(pointer, types.float64), generate


def _elementwise(method: str, description: str):
    def generate(context, builder, signature, arguments):
        return getattr(builder, method)(*arguments)

    def typer(typing_context, left, right):
        return left(left, right), generate

    typer.__name__ = typer.__qualname__ = method
    typer.__doc__ = description
    return intrinsic(typer)


add = _elementwise("fadd", "Lane by lane left + right.")
subtract = _elementwise("fsub", "Lane by lane left - right.")
multiply = _elementwise("fmul", "Lane by lane left * right.")
divide = _elementwise("fdiv", "Lane by lane left / right.")
integer_add = _elementwise("add", "Lane by lane left + right, modulo 2^32.")
bit_and = _elementwise("and_", "Lane by lane bitwise and.")
bit_or = _elementwise("or_", "Lane by lane bitwise or.")
bit_xor = _elementwise("xor", "Lane by lane bitwise exclusive or.")


@intrinsic
def multiply_add(typing_context, left, right, addend):
    """Lane by lane left * right + addend, rounded once."""

    def generate(context, builder, signature, arguments):
        return llvm_intrinsic(builder, "fma", left.element, arguments)

    return left(left, right, addend), generate


@intrinsic
def square_root(typing_context, vector):
    """Lane by lane square root, correctly rounded."""

    def generate(context, builder, signature, arguments):
        return llvm_intrinsic(builder, "sqrt", vector.element, arguments)

    return vector(vector), generate


def select_positive(builder, condition, vector, otherwise):
    """LLVM vector of ``vector`` where ``condition`` > 0, else (also where NaN) ``otherwise``."""
    positive = builder.fcmp_ordered(">", condition, _constant(condition.type, 0.0))
    return builder.select(positive, vector, otherwise)


@intrinsic
def where_positive(typing_context, condition, vector, otherwise):
    """Lane by lane ``vector`` where the vector ``condition`` is above zero, else ``otherwise``."""

    def generate(context, builder, signature, arguments):
        return select_positive(builder, *arguments)

    return vector(condition, vector, otherwise), generate


@intrinsic
def without_tiny(typing_context, vector, smallest):
    """Lane by lane ``vector``, or zero where its size is not above ``smallest``.

    A moving average of zeros decays into subnormal numbers and stays there, and arithmetic with
    those, or with squares that end among them, takes a hundred times as long.
    """

    def generate(context, builder, signature, arguments):
        kind = arguments[0].type
        size = llvm_intrinsic(builder, "fabs", vector.element, arguments[:1])
        counts = builder.fcmp_ordered(">", size, arguments[1])
        return builder.select(counts, arguments[0], _constant(kind, 0.0))

    return vector(vector, smallest), generate


def _shift(method: str, description: str):
    def typer(typing_context, vector, bits):
        if not isinstance(bits, types.IntegerLiteral):
            return None

        def generate(context, builder, signature, arguments):
            count = _constant(arguments[0].type, bits.literal_value)
            return getattr(builder, method)(arguments[0], count)

        return vector(vector, bits), generate

    typer.__name__ = typer.__qualname__ = method
    typer.__doc__ = description
    return intrinsic(typer)


shift_left = _shift("shl", "Lane by lane vector << bits, bits a literal.")
shift_right = _shift("lshr", "Lane by lane vector >> bits, bits a literal, zeros shifted in.")


@intrinsic
def to_float(typing_context, vector):
    """uint32 lanes below 2^31 as float32 numbers."""

    def generate(context, builder, signature, arguments):
        return builder.sitofp(arguments[0], context.get_value_type(float32x16))

    return float32x16(vector), generate


def _reinterpret(result: VectorType, name: str, description: str):
    def typer(typing_context, vector):
        def generate(context, builder, signature, arguments):
            return builder.bitcast(arguments[0], context.get_value_type(result))

        return result(vector), generate

    typer.__name__ = typer.__qualname__ = name
    typer.__doc__ = description
    return intrinsic(typer)


bits_as_float = _reinterpret(float32x16, "bits_as_float", "uint32 bit patterns read as float32.")
float_as_bits = _reinterpret(uint32x16, "float_as_bits", "float32 numbers read as bit patterns.")


@intrinsic
def widen_like(typing_context, pointer, vector):
    """A float32 vector in the element type of ``pointer`` (float32 or float64)."""
    result = _VECTOR[pointer.dtype]

    def generate(context, builder, signature, arguments):
        if result == float32x16:
            return arguments[1]
        return builder.fpext(arguments[1], context.get_value_type(result))

    return result(pointer, vector), generate


@njit
def moving_mean(mean, keep, take, value):
    """``keep`` times ``mean`` plus ``take`` times ``value``; vectors all."""
    return multiply_add(keep, mean, multiply(take, value))
