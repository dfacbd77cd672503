"""Many arrays as one argument of a kernel.

A compiled call with dozens of arrays costs the compiler minutes and each call hundreds of words. An
`ArraySet` is passed as the address of a table of (address, rows, columns); the arrays are its attributes,
as they are of the plain object that Python sees, so that the text of a kernel is the same. Compiled,
elements are reached without checks: an index is from 0 to the length less 1, never negative.
"""

from collections.abc import Mapping
from functools import cache
from typing import Any

import numpy as np

FIRST = {"target": "cpu"}  # of our templates, which numba then asks first: a fifth of all compiling

Spec = tuple[tuple[str, str, int], ...]
"""(name, numpy's name of the type, dimensions) of each array."""


class ArraySet:
    """Arrays by name, kept alive as long as this or until replaced; not to be changed while a kernel runs."""

    def __init__(self, arrays: Mapping[str, "np.ndarray[Any, Any]"]) -> None:
        """Take C-contiguous arrays of one or two dimensions."""
        _register()
        self._arrays = dict(arrays)
        self.spec: Spec = tuple((name, a.dtype.name, a.ndim) for name, a in arrays.items())
        self._place_of = {name: place for place, name in enumerate(arrays)}
        self._table = np.array([_place(array) for array in arrays.values()], np.int64)
        self.address: int = self._table.ctypes.data

    def replace(self, name: str, array: "np.ndarray[Any, Any]") -> None:
        """Put an array of the same type and dimensions in the place of another, between two kernels."""
        old = self._arrays[name]
        if array.dtype != old.dtype or array.ndim != old.ndim:
            raise ValueError(
                f"array {name!r} has {old.ndim} dimensions of {old.dtype},"
                f" not {array.ndim} of {array.dtype}"
            )
        self._arrays[name] = array
        self._table[self._place_of[name]] = _place(array)


def _place(array: "np.ndarray[Any, Any]") -> tuple[int, int, int]:
    """Return an array's address, rows and columns."""
    return array.ctypes.data, len(array), array.shape[1] if array.ndim > 1 else 1


class _Kinds:
    """Numba's types of array sets and of the tables in them."""

    def __init__(self) -> None:
        from numba.core import types

        class ArraySetType(types.Type):
            """A set, by its spec."""

            def __init__(self, spec: Spec) -> None:
                self.spec = spec
                super().__init__(name=f"ArraySet{spec}")

            def __reduce__(self) -> Any:
                return set_type, (self.spec,)

        class TableType(types.Type):
            """An array of a set, by its numpy type and dimensions."""

            def __init__(self, dtype: str, dimensions: int) -> None:
                from numba.np.numpy_support import from_dtype

                self.dtype = from_dtype(np.dtype(dtype))
                self.described = (dtype, dimensions)
                self.dimensions = dimensions
                super().__init__(name=f"Table({dtype}, {dimensions})")

            def __reduce__(self) -> Any:
                return table_type, self.described

        self.array_set = ArraySetType
        self.table = TableType


@cache
def _kinds() -> _Kinds:
    return _Kinds()


@cache
def set_type(spec: Spec) -> Any:
    """Return numba's type of a set of such arrays."""
    _register()
    return _kinds().array_set(spec)


@cache
def table_type(dtype: str, dimensions: int) -> Any:
    """Return numba's type of an array in a set."""
    _register()
    return _kinds().table(dtype, dimensions)


@cache
def _register() -> None:
    """Tell numba how to take sets and use their tables; once, when the first set is made."""
    _register_types()
    _register_attributes()
    _register_elements()
    _register_slices()


def _register_types() -> None:
    from llvmlite import ir
    from numba.core import types
    from numba.extending import NativeValue, models, register_model, typeof_impl, unbox

    kinds = _kinds()

    @typeof_impl.register(ArraySet)
    def typeof_set(value: ArraySet, context: Any) -> Any:
        return set_type(value.spec)

    @register_model(kinds.array_set)
    class SetModel(models.PrimitiveModel):
        def __init__(self, manager: Any, kind: Any) -> None:
            super().__init__(manager, kind, ir.IntType(64))

    @register_model(kinds.table)
    class TableModel(models.StructModel):
        def __init__(self, manager: Any, kind: Any) -> None:
            members = [
                ("data", types.CPointer(kind.dtype)),
                ("rows", types.int64),
                ("columns", types.int64),
            ]
            super().__init__(manager, kind, members)

    @unbox(kinds.array_set)
    def unbox_set(kind: Any, value: Any, c: Any) -> Any:
        held = c.pyapi.object_getattr_string(value, "address")
        address = c.pyapi.long_as_longlong(held)
        c.pyapi.decref(held)
        return NativeValue(address)


def _register_attributes() -> None:
    from llvmlite import ir
    from numba.core import cgutils, types
    from numba.core.imputils import lower_getattr_generic
    from numba.core.typing.templates import AttributeTemplate
    from numba.extending import infer_getattr

    kinds, word = _kinds(), ir.IntType(64)

    @infer_getattr
    class SetAttributes(AttributeTemplate):
        key = kinds.array_set

        def generic_resolve(self, kind: Any, name: str) -> Any:
            for one, dtype, dimensions in kind.spec:
                if one == name:
                    return table_type(dtype, dimensions)
            return None

    @lower_getattr_generic(kinds.array_set)
    def lower_attribute(context: Any, builder: Any, kind: Any, value: Any, name: str) -> Any:
        place = [one for one, _, _ in kind.spec].index(name)
        table = table_type(*kind.spec[place][1:])
        pointer = builder.inttoptr(value, word.as_pointer())
        fixed = builder.module.add_metadata([])
        struct = cgutils.create_struct_proxy(table)(context, builder)
        loaded = []
        for number in range(3):
            at = builder.gep(pointer, [ir.Constant(word, 3 * place + number)])
            one = builder.load(at)
            one.set_metadata("invariant.load", fixed)
            loaded.append(one)
        data = context.get_value_type(types.CPointer(table.dtype))
        struct.data = builder.inttoptr(loaded[0], data)
        struct.rows, struct.columns = loaded[1], loaded[2]
        return struct._getvalue()

    @infer_getattr
    class TableAttributes(AttributeTemplate):
        key = kinds.table

        def resolve_shape(self, kind: Any) -> Any:
            return types.UniTuple(types.int64, kind.dimensions)

    @lower_getattr_generic(kinds.table)
    def lower_shape(context: Any, builder: Any, kind: Any, value: Any, name: str) -> Any:
        struct = cgutils.create_struct_proxy(kind)(context, builder, value=value)
        return cgutils.pack_array(builder, [struct.rows, struct.columns][: kind.dimensions])


def _register_elements() -> None:  # noqa: C901 - a type and a lowering for each operation
    import operator

    from numba.core import cgutils, types
    from numba.core.imputils import lower_builtin
    from numba.core.typing.templates import AbstractTemplate, infer_global, signature

    table_class = _kinds().table

    def index_type(kind: Any, index: Any) -> Any:
        if kind.dimensions == 1 and isinstance(index, types.Integer):
            return types.int64
        if kind.dimensions == 2 and isinstance(index, types.BaseTuple) and len(index) == 2:
            return types.UniTuple(types.int64, 2)
        return None

    @infer_global(operator.getitem)
    class GetElement(AbstractTemplate):
        def generic(self, args: Any, keywords: Any) -> Any:
            if isinstance(args[0], table_class):
                index = index_type(args[0], args[1])
                return index and signature(args[0].dtype, args[0], index)
            return None

    @infer_global(operator.setitem)
    class SetElement(AbstractTemplate):
        def generic(self, args: Any, keywords: Any) -> Any:
            if isinstance(args[0], table_class):
                index = index_type(args[0], args[1])
                return index and signature(types.none, args[0], index, args[0].dtype)
            return None

    @infer_global(len)
    class Length(AbstractTemplate):
        def generic(self, args: Any, keywords: Any) -> Any:
            if len(args) == 1 and isinstance(args[0], table_class):
                return signature(types.int64, args[0])
            return None

    for template in (GetElement, SetElement, Length):
        template.metadata = FIRST

    def place(context: Any, builder: Any, kind: Any, table: Any, index: Any) -> Any:
        struct = cgutils.create_struct_proxy(kind)(context, builder, value=table)
        if kind.dimensions == 1:
            return builder.gep(struct.data, [index])
        row, column = cgutils.unpack_tuple(builder, index, 2)
        return builder.gep(struct.data, [builder.add(builder.mul(row, struct.columns), column)])

    def get(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        at = place(context, builder, sig.args[0], args[0], args[1])
        return context.unpack_value(builder, sig.args[0].dtype, at)

    def put(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        at = place(context, builder, sig.args[0], args[0], args[1])
        context.pack_value(builder, sig.args[0].dtype, args[2], at)
        return context.get_dummy_value()

    def length(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        return cgutils.create_struct_proxy(sig.args[0])(context, builder, value=args[0]).rows

    pair = types.UniTuple(types.int64, 2)
    lower_builtin(len, table_class)(length)
    for index in (types.int64, pair):
        lower_builtin(operator.getitem, table_class, index)(get)
        lower_builtin(operator.setitem, table_class, index, types.Any)(put)


def _register_slices() -> None:
    import operator

    from llvmlite import ir
    from numba.core import cgutils, types
    from numba.core.imputils import lower_builtin
    from numba.core.typing.templates import AbstractTemplate, infer_global, signature
    from numba.np.arrayobj import make_array, populate_array

    table_class = _kinds().table

    @infer_global(operator.getitem)
    class GetSlice(AbstractTemplate):
        metadata = FIRST

        def generic(self, args: Any, keywords: Any) -> Any:
            kind, index = args
            if isinstance(kind, table_class) and index == types.slice2_type:
                return signature(types.Array(kind.dtype, 1, "C"), kind, index)
            return None

    @lower_builtin(operator.getitem, table_class, types.slice2_type)
    def cut(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        struct = cgutils.create_struct_proxy(sig.args[0])(context, builder, value=args[0])
        bounds = context.make_helper(builder, types.slice2_type, args[1])
        array = make_array(sig.return_type)(context, builder)
        kind = context.get_data_type(sig.return_type.dtype)
        size = ir.Constant(ir.IntType(64), context.get_abi_sizeof(kind))
        populate_array(
            array,
            data=builder.gep(struct.data, [bounds.start]),
            shape=cgutils.pack_array(builder, [builder.sub(bounds.stop, bounds.start)]),
            strides=cgutils.pack_array(builder, [size]),
            itemsize=size,
            meminfo=None,
        )
        return array._getvalue()
