"""Kernels compiled as a whole: each marked function is lowered once, and only the kernel is optimised.

Numba links, optimises and makes machine code of every function that a kernel reaches, each with all
that it reaches itself, before it does so for the kernel: most of the time of a first run. Here inner
functions stay as lowered, and the kernel links all of them, once. Numba is told by compilers
(``pipeline_class``) of our own functions only; other users of numba in the process notice nothing.
"""

from functools import cache
from typing import Any, NamedTuple

from telemedsim.core.garbage import rare_collections


class Compilers(NamedTuple):
    """What numba is to compile with: ``pipeline_class`` of inner functions and of kernels."""

    inner: Any
    kernel: Any


@cache
def whole_compilers() -> Compilers | None:
    """Return the compilers, or None where this numba is not made as they expect.

    They rely on the parts that `_class_of_libraries` names; without them numba's own way is only slower.
    """
    try:
        return _compilers(*_libraries())
    except (ImportError, AttributeError):
        return None


def _libraries() -> tuple[Any, Any]:
    """Return numba's class of libraries made twice: for inner functions and for kernels."""
    base: Any = _class_of_libraries()

    class InnerLibrary(base):  # type: ignore[misc]
        """One function as lowered, never optimised and without machine code."""

        is_inner = True
        _whole: Any = None

        def finalize(self) -> None:
            self._raise_if_finalized()
            _let_equal_functions_be_one(self._final_module)
            self._finalized = True

        def _get_module_for_linking(self) -> Any:
            """Return the function with all that it reaches, for a library of numba's own."""
            self._ensure_finalized()
            if self._whole is None:
                self._whole = self._final_module.clone()
                _link_all(self, self._whole)
            return self._whole

    class KernelLibrary(base):  # type: ignore[misc]
        """A kernel, which links each function that it reaches once."""

        _linking_libraries: list[Any]

        def finalize(self) -> None:
            _link_all(self, self._final_module)
            self._linking_libraries = []
            super().finalize()

    return InnerLibrary, KernelLibrary


def _class_of_libraries() -> Any:
    """Return numba's class; AttributeError where something is missing that ours build on."""
    from numba.core.codegen import JITCodeLibrary
    from numba.core.registry import cpu_target

    probe = cpu_target.target_context.codegen().create_library("probe")
    if type(probe) is not JITCodeLibrary:
        raise AttributeError("libraries of another class")
    for name in ("_final_module", "_finalized", "_linking_libraries", "_reload_init"):
        getattr(probe, name)
    for name in ("_ensure_finalized", "_get_module_for_linking", "_raise_if_finalized"):
        getattr(JITCodeLibrary, name)
    return JITCodeLibrary


def _let_equal_functions_be_one(module: Any) -> None:
    """Let a function come from several modules, as numba does with what it links."""
    from llvmlite import binding

    for function in module.functions:
        if not function.is_declaration and function.linkage == binding.Linkage.external:
            function.linkage = "linkonce_odr"


def _link_all(library: Any, module: Any) -> None:
    """Put all that a library reaches into a module."""
    for one in _reached_from(library):
        library._reload_init.update(one._reload_init)
        if _is_inner(one):
            one._ensure_finalized()
            module.link_in(one._final_module, preserve=True)
        else:
            module.link_in(one._get_module_for_linking(), preserve=True)


def _reached_from(library: Any) -> list[Any]:
    """Return what a library links, through inner libraries; numba's own hold what they link."""
    found: dict[Any, None] = {}
    waiting = list(library._linking_libraries)
    while waiting:
        one = waiting.pop()
        if one not in found:
            found[one] = None
            if _is_inner(one):
                waiting += one._linking_libraries
    return list(found)


def _is_inner(library: Any) -> bool:
    return getattr(library, "is_inner", False)


def _compilers(inner_library: Any, kernel_library: Any) -> Compilers:
    """Return numba's compiler made twice, with these classes of libraries."""
    from numba.core import compiler, environment

    for holder, name in ((compiler.Flags, "no_compile"), (compiler.CompileResult, "entry_point")):
        getattr(holder, name)
    base: Any = compiler.CompilerBase
    pipeline: Any = compiler.DefaultPassBuilder.define_nopython_pipeline
    lookup_environment: Any = environment.lookup_environment

    class InnerCompiler(base):  # type: ignore[misc]
        """Lowers a function that only kernels call."""

        def define_pipelines(self) -> list[Any]:
            state = self.state
            name = state.func_id.func_qualname
            state.library = inner_library(state.targetctx.codegen(), name)
            state.flags.no_compile = True
            return [pipeline(state)]

        def compile_extra(self, function: Any) -> Any:
            result = super().compile_extra(function)
            # Numba finds the function by what Python would call, if it ever did: a C function.
            nothing: dict[int, int] = {}
            key = nothing.__getitem__
            self.state.targetctx.insert_user_function(key, result.fndesc, [result.library])
            return result._replace(entry_point=key)

    class KernelCompiler(base):  # type: ignore[misc]
        """Compiles a kernel."""

        def define_pipelines(self) -> list[Any]:
            state = self.state
            name = state.func_id.func_qualname
            state.library = kernel_library(state.targetctx.codegen(), name)
            state.library.enable_object_caching()
            return [pipeline(state)]

        def compile_extra(self, function: Any) -> Any:
            with rare_collections():
                result = super().compile_extra(function)
            # Inner functions have no code of their own whose making would have done this.
            for variable in result.library._final_module.global_variables:
                found = lookup_environment(variable.name)
                if found is not None:
                    result.library.codegen.set_env(variable.name, found)
            return result

    return Compilers(InnerCompiler, KernelCompiler)
