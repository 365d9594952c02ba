package experiments

import (
	"reflect"

	"gopkg.in/yaml.v3"

	"vertebra/stages/model"
	"vertebra/stages/registry"
)

// byNet changes the defaults of *into to those of the net that the tree names: nets of grey
// volumes take one channel where no file says how pixels enter.
func (d *document) byNet(into any) {
	e, ok := into.(*Experiment)
	if !ok {
		return
	}
	n, _ := reach(d.root, []string{"model", "backbone"})
	if n == nil {
		return
	}
	if n.Kind == yaml.MappingNode && len(n.Content) > 0 {
		n = n.Content[0] // the part's name, before its settings
	}
	if backbone, known := model.Backbones.Default(n.Value); known {
		e.Model.Input = model.InputOf(backbone.Part)
		d.defaults = registry.Encode(reflect.ValueOf(into).Elem().Interface())
	}
}
