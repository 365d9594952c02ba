#include "shim_trace.h"
#include "shim_common.h"

#include <ATen/TracerMode.h>
#include <torch/csrc/jit/api/module.h>
#include <torch/csrc/jit/frontend/tracer.h>
#include <torch/csrc/jit/ir/ir.h>
#include <torch/csrc/jit/passes/dead_code_elimination.h>
#include <torch/csrc/jit/passes/shape_analysis.h>
#include <torch/csrc/jit/serialization/import.h>

#include <fstream>
#include <iomanip>
#include <sstream>
#include <string>
#include <unordered_map>

namespace jit = torch::jit;

namespace {

struct Script {
  jit::Module module;
  std::string graph;               // see Describer
  std::vector<at::Tensor> tensors; // that the graph names
};

Script &script(vt_script s) {
  TORCH_CHECK(s != nullptr, "a traced net was used after it was freed");
  return *static_cast<Script *>(s);
}

// ---- weights ----

// A module of its own type: what is registered in one shows up in no other.
jit::Module fresh(const std::shared_ptr<jit::CompilationUnit> &unit) {
  return jit::Module(c10::QualifiedName("__torch__.vertebra.Net"), unit, /*shouldMangle=*/true);
}

// Puts weights into modules within modules, by their dotted names, and makes the nodes
// that fetch them.
class Shelf {
public:
  Shelf(jit::Module root, jit::Graph &graph, jit::Value *self) : root_(std::move(root)), graph_(graph) { values_[""] = self; }

  jit::Value *put(const std::string &name, const at::Tensor &t) {
    jit::Module holder = root_;
    std::string path;
    size_t from = 0;
    for (size_t dot; (dot = name.find('.', from)) != std::string::npos; from = dot + 1) {
      std::string part = name.substr(from, dot - from), inner = path.empty() ? part : path + "." + part;
      if (!holder.hasattr(part))
        holder.register_module(part, fresh(root_._ivalue()->compilation_unit()));
      holder = holder.attr(part).toModule();
      if (values_.count(inner) == 0)
        values_[inner] = get(values_.at(path), part, holder.type());
      path = inner;
    }
    holder.register_buffer(name.substr(from), t);
    return get(values_.at(path), name.substr(from), c10::TensorType::get());
  }

private:
  jit::Value *get(jit::Value *of, const std::string &name, const c10::TypePtr &type) {
    return graph_.insertNode(graph_.createGetAttr(of, name))->output()->setType(type);
  }

  jit::Module root_;
  jit::Graph &graph_;
  std::unordered_map<std::string, jit::Value *> values_;
};

// Tensors that the trace met and that no input made are constants of the graph, which
// stay on their device when a module moves; as buffers they move along.
void shelve_constants(const jit::Module &m, jit::Graph &g) {
  std::vector<jit::Node *> constants;
  for (jit::Node *n : g.nodes())
    if (n->kind() == c10::prim::Constant && n->output()->type()->isSubtypeOf(*c10::TensorType::get()) && n->hasAttribute(c10::attr::value))
      constants.push_back(n);
  if (constants.empty())
    return;
  jit::WithInsertPoint first(*g.nodes().begin());
  Shelf shelf(m, g, g.inputs().at(0));
  for (size_t i = 0; i < constants.size(); i++) {
    jit::Value *v = shelf.put("constants.c" + std::to_string(i), constants[i]->t(c10::attr::value));
    constants[i]->output()->replaceAllUsesWith(v);
    constants[i]->destroy();
  }
}

// ---- description ----

std::string escaped(const std::string &text) {
  std::ostringstream out;
  out << '"';
  for (unsigned char c : text) {
    if (c == '"' || c == '\\')
      out << '\\' << c;
    else if (c < 0x20)
      out << "\\u" << std::hex << std::setw(4) << std::setfill('0') << int(c) << std::dec;
    else
      out << c;
  }
  out << '"';
  return out.str();
}

// Writes a traced graph as JSON: inputs, outputs, nodes in order, and the names of the
// tensors that modules hold. Constants and lists stand where they are used.
class Describer {
public:
  Describer(Script &s, const jit::Graph &g) : script_(s), graph_(g) { held_[g.inputs().at(0)] = {s.module._ivalue(), ""}; }

  std::string write() {
    std::string nodes, inputs, outputs;
    for (const jit::Node *n : graph_.nodes())
      if (!known(n))
        join(nodes, node(n));
    for (const jit::Value *v : graph_.inputs().slice(1))
      join(inputs, value(v));
    for (const jit::Value *v : graph_.outputs()) {
      const jit::Node *made = v->node();
      TORCH_CHECK(made->kind() == c10::prim::TupleConstruct, "a traced net gives a tuple");
      for (const jit::Value *part : made->inputs())
        join(outputs, std::to_string(part->unique()));
    }
    return "{\"inputs\":[" + inputs + "],\"outputs\":[" + outputs + "],\"nodes\":[" + nodes + "],\"tensors\":[" + tensors_ + "]}";
  }

private:
  struct Held {
    c10::IValue what;
    std::string path;
  };

  // What is no operation of its own.
  bool known(const jit::Node *n) {
    switch (n->kind()) {
    case c10::prim::GetAttr: {
      const Held &of = held_.at(n->input());
      std::string name = n->s(c10::attr::name), path = of.path.empty() ? name : of.path + "." + name;
      c10::IValue what = of.what.toObject()->getAttr(name);
      if (what.isTensor()) {
        join(tensors_, "{\"id\":" + std::to_string(n->output()->unique()) + ",\"name\":" + escaped(path) + ",\"shape\":" + sizes(what.toTensor().sizes()) +
                           ",\"dtype\":" + std::to_string(int(what.toTensor().scalar_type())) + "}");
        script_.tensors.push_back(what.toTensor());
      }
      held_[n->output()] = {what, path};
      return true;
    }
    case c10::prim::Constant:
    case c10::prim::ListConstruct:
    case c10::prim::TupleConstruct:
      return true;
    default:
      return false;
    }
  }

  std::string node(const jit::Node *n) {
    std::string args, outs;
    const c10::FunctionSchema *schema = n->maybeSchema();
    for (size_t i = 0; i < n->inputs().size(); i++) {
      std::string name = schema != nullptr && i < schema->arguments().size() ? schema->arguments()[i].name() : std::to_string(i);
      join(args, escaped(name) + ":" + operand(n->inputs()[i]));
    }
    for (const jit::Value *v : n->outputs())
      join(outs, value(v));
    return "{\"op\":" + escaped(n->kind().toQualString()) + ",\"args\":{" + args + "},\"outs\":[" + outs + "]}";
  }

  std::string operand(const jit::Value *v) {
    const jit::Node *n = v->node();
    if (n->kind() == c10::prim::ListConstruct) {
      std::string all;
      for (const jit::Value *part : n->inputs())
        join(all, operand(part));
      return "{\"list\":[" + all + "]}";
    }
    if (n->kind() == c10::prim::Constant)
      return constant(jit::toIValue(v).value());
    return "{\"id\":" + std::to_string(v->unique()) + "}";
  }

  std::string constant(const c10::IValue &c) {
    if (c.isInt())
      return "{\"int\":" + std::to_string(c.toInt()) + "}";
    if (c.isBool())
      return std::string("{\"bool\":") + (c.toBool() ? "true" : "false") + "}";
    if (c.isDouble()) {
      std::ostringstream out;
      out << std::setprecision(17) << c.toDouble();
      return "{\"float\":" + escaped(out.str()) + "}";
    }
    if (c.isString())
      return "{\"text\":" + escaped(c.toStringRef()) + "}";
    if (c.isList()) {
      std::string all;
      for (const c10::IValue &part : c.toListRef())
        join(all, constant(part));
      return "{\"list\":[" + all + "]}";
    }
    TORCH_CHECK(c.isNone() || c.isDevice(), "a constant of type ", c.tagKind(), " in a traced net");
    return "{}";
  }

  std::string value(const jit::Value *v) {
    std::string out = "{\"id\":" + std::to_string(v->unique());
    auto type = v->type()->cast<c10::TensorType>();
    if (type)
      if (auto shape = type->sizes().concrete_sizes())
        out += ",\"shape\":" + sizes(*shape);
    if (type && type->scalarType())
      out += ",\"dtype\":" + std::to_string(int(*type->scalarType()));
    return out + "}";
  }

  static std::string sizes(at::IntArrayRef shape) {
    std::string all;
    for (int64_t n : shape)
      join(all, std::to_string(n));
    return "[" + all + "]";
  }

  static void join(std::string &list, const std::string &more) {
    if (!list.empty())
      list += ",";
    list += more;
  }

  Script &script_;
  const jit::Graph &graph_;
  std::unordered_map<const jit::Value *, Held> held_;
  std::string tensors_;
};

} // namespace

// ---- tracing ----

char *vt_trace_begin(const vt_tensor *inputs, const char **input_names, int n_inputs, const vt_tensor *weights,
                     const char **names, int n_weights, vt_script *out) {
  return guarded([&] {
    TORCH_CHECK(!jit::tracer::isTracing(), "a trace within a trace");
    auto unit = std::make_shared<jit::CompilationUnit>();
    auto made = std::make_unique<Script>(Script{fresh(unit), "", {}});
    auto state = std::make_shared<jit::tracer::TracingState>();
    jit::Value *self = state->graph->insertInput(0, "self")->setType(made->module.type());
    Shelf shelf(made->module, *state->graph, self);
    for (int i = 0; i < n_weights; i++)
      state->setValue(ref(weights[i]), shelf.put(names[i], ref(weights[i])));
    for (int i = 0; i < n_inputs; i++) {
      jit::Value *v = state->graph->addInput(input_names[i]);
      v->inferTypeFrom(ref(inputs[i]));
      state->setValue(ref(inputs[i]), v);
    }
    made->module.eval();
    jit::tracer::setTracingState(state);
    *out = made.release();
  });
}

char *vt_trace_end(vt_script s, const vt_tensor *outputs, int n) {
  return guarded([&] {
    auto state = jit::tracer::getTracingState();
    TORCH_CHECK(state != nullptr, "no trace has begun");
    std::vector<jit::Value *> values;
    for (int i = 0; i < n; i++)
      values.push_back(state->getOutput(ref(outputs[i]), i));
    jit::tracer::setTracingState(nullptr);
    jit::Graph &g = *state->graph;
    g.registerOutput(g.insertNode(g.createTuple(values))->output());
    jit::EliminateDeadCode(state->graph);
    Script &made = script(s);
    shelve_constants(made.module, g);
    made.graph = Describer(made, g).write();
    jit::EraseShapeInformation(state->graph);
    c10::QualifiedName name(*made.module.type()->name(), "forward");
    made.module.type()->addMethod(made.module._ivalue()->compilation_unit()->create_function(name, state->graph));
  });
}

void vt_trace_abort(void) { jit::tracer::setTracingState(nullptr); }

// What a paused trace does not see it takes for constants.
void vt_trace_pause(int on) { at::tracer::impl::set_dispatch_enabled(on == 0); }

const char *vt_script_graph(vt_script s) { return static_cast<Script *>(s)->graph.c_str(); }

char *vt_script_tensor(vt_script s, int at, vt_tensor *out) {
  return guarded([&] { *out = give(script(s).tensors.at(at)); });
}

// ---- files ----

// By a stream: by a path, the archive's folder would be named after the file.
char *vt_script_save(vt_script s, const char *path, const char **keys, const char **values, int n) {
  return guarded([&] {
    jit::ExtraFilesMap extra;
    for (int i = 0; i < n; i++)
      extra[keys[i]] = values[i];
    std::ofstream file(path, std::ios::binary | std::ios::trunc);
    script(s).module.save(file, extra);
    file.close();
    TORCH_CHECK(file.good(), "the file could not be written");
  });
}

char *vt_script_load(const char *path, const char **keys, char **values, int n, vt_script *out) {
  return guarded([&] {
    jit::ExtraFilesMap extra;
    for (int i = 0; i < n; i++)
      extra[keys[i]] = "";
    auto made = std::make_unique<Script>(Script{jit::load(path, c10::nullopt, extra), "", {}});
    made->module.eval();
    for (int i = 0; i < n; i++)
      values[i] = extra[keys[i]].empty() ? nullptr : message(extra[keys[i]].c_str());
    *out = made.release();
  });
}

char *vt_script_forward(vt_script s, vt_tensor *inputs, int given, vt_tensor *outputs, int n) {
  return guarded([&] {
    at::NoGradGuard quiet;
    std::vector<c10::IValue> in;
    for (int i = 0; i < given; i++)
      in.emplace_back(ref(inputs[i]));
    c10::IValue said = script(s).module.forward(std::move(in));
    auto parts = said.toTupleRef().elements();
    TORCH_CHECK(static_cast<int>(parts.size()) == n, "the file gives ", parts.size(), " tensors, want ", n);
    for (int i = 0; i < n; i++)
      outputs[i] = give(parts[i].toTensor());
  });
}

void vt_script_free(vt_script s) { delete static_cast<Script *>(s); }
