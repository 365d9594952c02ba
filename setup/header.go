package main

import (
	"fmt"
	"strings"
)

// protect writes the header that every C++ file is compiled with. In gotch's
// files it replaces PROTECT: a wrapper whose line is listed reports that its
// operator is missing; all others catch whatever is thrown. A listed line is a
// macro whose expansion holds a comma, which shifts the choice by one argument.
// The include level tells gotch's two files apart.
func protect(missing []absent, version string) string {
	var b strings.Builder
	b.WriteString(`// Made by setup. In other files than gotch's it does nothing.
#if defined(__cplusplus) && defined(__has_include)
#if __has_include("torch_api.h")
#include "torch_api.h"
#undef PROTECT
#define VT_JOIN3(a, b, c) a##b##_##c
#define VT_JOIN(a, b, c) VT_JOIN3(a, b, c)
#define VT_SECOND(a, b, ...) b
#define VT_PICK(...) VT_SECOND(__VA_ARGS__)
#define PROTECT(...) VT_PICK(VT_JOIN(VT_ABSENT_, __INCLUDE_LEVEL__, __LINE__), VT_TRY, VT_TRY)(__VA_ARGS__)
#define VT_TRY(...)                                  \
  try {                                              \
    __VA_ARGS__                                      \
  } catch (const std::exception &e) {                \
    torch_last_err = strdup(e.what());               \
  } catch (...) {                                    \
    torch_last_err = strdup("libtorch threw something that is not an exception"); \
  }
`)
	fmt.Fprintf(&b, "#define VT_NOT_THERE(...) torch_last_err = strdup(\"this operator is not in libtorch %s\");\n", version)
	for _, a := range missing {
		fmt.Fprintf(&b, "// %s\n#define VT_ABSENT_1_%d ~, VT_NOT_THERE\n", a.Operator, a.First)
		if a.Last != a.First {
			fmt.Fprintf(&b, "#define VT_ABSENT_1_%d ~, VT_NOT_THERE\n", a.Last)
		}
	}
	b.WriteString("#endif\n#endif\n")
	return b.String()
}
