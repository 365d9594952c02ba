"""Writes dinov2_files.json: small nets of the family of DINOv2 in the four spellings of their files, with
weights by the rule of make_reference.py over the names of the file. Of each are listed the names and
shapes of the file, the features of the class token in float64 for two images that have another number of
patches than the file's positions, the gradients of their mean by these images and by the registers; and of
"timm" those by every weight, and what Grad-CAM looks at.

"facebook" is DinoVisionTransformer of facebookresearch/dinov2, version 0.0.1.dev2 of the package, which
has no registers and the hub's options for nets without them. "timm", "timm_reg", "hugging_face" and
"hugging_face_reg" are those libraries' classes, whose positions are resized otherwise where there are no registers: of these,
features are for images of as many patches as the file has.

    pip install torch timm transformers numpy dinov2
    python dinov2_files.py
"""

import numpy as np
import timm
import torch
from dinov2.models.vision_transformer import DinoVisionTransformer
from timm.models.vision_transformer import VisionTransformer
from transformers import Dinov2Config, Dinov2Model, Dinov2WithRegistersConfig, Dinov2WithRegistersModel
import transformers

from make_reference import fill, u, write

WIDTH, HEADS, LAYERS, PATCH, SIDE = 12, 3, 3, 14, 4
SQUARE, OTHER = (56, 56), (42, 84)


def marked(t, name="input"):
    v = t.detach().double().numpy().ravel()
    return [float(np.linalg.norm(v)), float(v @ u("probe " + name, v.size))]


def filled(net):
    """Every number of the net by its name; the state_dict's names and shapes."""
    state = net.state_dict()
    for name, t in state.items():
        state[name] = torch.tensor(fill(name, tuple(t.shape)).astype(np.float32)).to(t.dtype)
    net.load_state_dict(state)
    return {name: list(t.shape) for name, t in state.items()}


def registers(net):
    """The gradient of the registers, where there are some."""
    return {"registers": marked(p.grad) for name, p in net.named_parameters() if "reg" in name and "token" in name}


def reference(net, size, class_token):
    net = net.double().eval()
    tensors = filled(net)
    x = torch.tensor(fill("input", (2, 3, *size)).astype(np.float32)).double().requires_grad_()
    features = class_token(net(x))
    features.mean().backward()
    return {"tensors": tensors, "height": size[0], "width": size[1], "features": features.tolist(), "gradient": marked(x.grad), **registers(net)}


def whole(size):
    """timm's, with the gradients by all weights, and the maps of the last block with theirs."""
    net, seen = of_timm(size), []

    def keep(_, __, y):
        y.retain_grad()
        seen.append(y)

    hook = net.blocks[-1].norm1.register_forward_hook(keep)
    made = reference(net, size, lambda y: y)
    hook.remove()
    maps = [t[:, 1:].transpose(1, 2).unflatten(2, (SIDE, SIDE)) for t in (seen[0], seen[0].grad)]
    gradients = {name: marked(p.grad, name) for name, p in net.named_parameters()}
    return {**made, "gradients": gradients, "watched": {"maps": marked(maps[0], "maps"), "gradient": marked(maps[1], "maps")}}


def of_timm(size, **options):
    return VisionTransformer(
        img_size=size, patch_size=PATCH, embed_dim=WIDTH, depth=LAYERS, num_heads=HEADS, num_classes=0, init_values=1.0, **options)


def of_transformers(net, config, **options):
    return net(config(
        hidden_size=WIDTH, num_hidden_layers=LAYERS, num_attention_heads=HEADS, image_size=SIDE * PATCH, patch_size=PATCH,
        hidden_dropout_prob=0.0, attn_implementation="eager", **options))


def resampled(net):
    """timm's positions for OTHER, made of those for SQUARE as its checkpoint_filter_fn does."""
    from timm.models.vision_transformer import checkpoint_filter_fn

    source = of_timm(SQUARE, **net).double()
    tensors = filled(source)
    target = of_timm(OTHER, **net).double().eval()
    target.load_state_dict(checkpoint_filter_fn(source.state_dict(), target, antialias=True))
    x = torch.tensor(fill("input", (2, 3, *OTHER)).astype(np.float32)).double().requires_grad_()
    features = target(x)
    features.mean().backward()
    return {"tensors": tensors, "height": OTHER[0], "width": OTHER[1], "features": features.tolist(), "gradient": marked(x.grad), **registers(target)}


facebook = DinoVisionTransformer(
    img_size=SQUARE[0], patch_size=PATCH, embed_dim=WIDTH, depth=LAYERS, num_heads=HEADS, init_values=1.0, block_chunks=0)
# In groups of one block, as the authors' trainer saves them.
trainer = DinoVisionTransformer(
    img_size=SQUARE[0], patch_size=PATCH, embed_dim=WIDTH, depth=LAYERS, num_heads=HEADS, init_values=1.0, block_chunks=LAYERS)
pooled = lambda out: out.pooler_output
out = {
    "timm_version": timm.__version__, "transformers_version": transformers.__version__,
    "width": WIDTH, "heads": HEADS, "layers": LAYERS,
    "cases": {
        "facebook": reference(facebook, OTHER, lambda y: y),
        "facebook, larger": reference(facebook, (98, 70), lambda y: y),
        "facebook, in groups": reference(trainer, OTHER, lambda y: y),
        "timm": whole(SQUARE),
        "timm, registers": resampled({"reg_tokens": 4, "no_embed_class": True}),
        "hugging face": reference(of_transformers(Dinov2Model, Dinov2Config), SQUARE, pooled),
        "hugging face, registers": reference(
            of_transformers(Dinov2WithRegistersModel, Dinov2WithRegistersConfig, num_register_tokens=4), OTHER, pooled),
        "hugging face, registers, larger": reference(
            of_transformers(Dinov2WithRegistersModel, Dinov2WithRegistersConfig, num_register_tokens=4), (98, 70), pooled),
    },
}
if __name__ == "__main__":
    write("dinov2_files.json", out, 9)
