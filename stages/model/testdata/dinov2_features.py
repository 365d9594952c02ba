"""Writes dinov2_features.json: features of the class token beside the mean of the patches, of small nets with
weights by the rule of make_reference.py over the names of the file, in float64 for two images; with the
gradients of their mean by the images and by every weight.

"hugging face" is what Dinov2ForImageClassification gives its last layer, "hugging face, registers" that of
Dinov2WithRegistersForImageClassification, and "facebook" create_linear_input of dinov2/eval/linear.py for one
block with the mean of the patches, as the authors evaluate their nets. "torchvision" is the same of
VisionTransformer's encoder, of which torchvision itself takes the class token alone.

    pip install torch torchvision timm transformers==4.57.6 numpy dinov2
    python dinov2_features.py
"""

import torch
import transformers
from dinov2.models.vision_transformer import DinoVisionTransformer
from torchvision.models.vision_transformer import VisionTransformer
from transformers import (Dinov2Config, Dinov2ForImageClassification, Dinov2WithRegistersConfig,
                          Dinov2WithRegistersForImageClassification)

from dinov2_files import HEADS, LAYERS, PATCH, SIDE, WIDTH, filled, marked
from make_reference import fill, write

SQUARE = (56, 56)


def create_linear_input(x_tokens_list, use_n_blocks, use_avgpool):
    """That of dinov2/eval/linear.py, which imports what only a cluster has."""
    intermediate_output = x_tokens_list[-use_n_blocks:]
    output = torch.cat([class_token for _, class_token in intermediate_output], dim=-1)
    if use_avgpool:
        output = torch.cat((output, torch.mean(intermediate_output[-1][0], dim=1)), dim=-1)
        output = output.reshape(output.shape[0], -1)
    return output


def reference(net, features_of, size=SQUARE):
    net = net.double().eval()
    tensors = filled(getattr(net, "base_model", net))  # of Hugging Face without its last layer
    x = torch.tensor(fill("input", (2, 3, *size)).astype("float32")).double().requires_grad_()
    features = features_of(net, x)
    features.mean().backward()
    gradients = {name: marked(p.grad, name) for name, p in net.named_parameters() if p.grad is not None}
    return {"tensors": tensors, "height": size[0], "width": size[1], "features": features.tolist(), "gradient": marked(x.grad), "gradients": gradients}


def before_last(net, x):
    seen = []
    hook = net.classifier.register_forward_hook(lambda _, given, __: seen.append(given[0]))
    net(x)
    hook.remove()
    return seen[0]


def of_torchvision(net, x):
    rows = net._process_input(x)
    tokens = net.encoder(torch.cat([net.class_token.expand(x.shape[0], -1, -1), rows], dim=1))
    return torch.cat([tokens[:, 0], tokens[:, 1:].mean(dim=1)], dim=1)


options = dict(hidden_size=WIDTH, num_hidden_layers=LAYERS, num_attention_heads=HEADS, image_size=SIDE * PATCH, patch_size=PATCH,
               hidden_dropout_prob=0.0, attn_implementation="eager", num_labels=2)
facebook = DinoVisionTransformer(img_size=SQUARE[0], patch_size=PATCH, embed_dim=WIDTH, depth=LAYERS, num_heads=HEADS, init_values=1.0, block_chunks=0)
out = {
    "transformers_version": transformers.__version__, "width": WIDTH, "heads": HEADS, "layers": LAYERS,
    "cases": {
        "facebook": reference(facebook, lambda net, x: create_linear_input(net.get_intermediate_layers(x, 1, return_class_token=True), 1, True)),
        "hugging face": reference(Dinov2ForImageClassification(Dinov2Config(**options)), before_last),
        "hugging face, registers": reference(Dinov2WithRegistersForImageClassification(Dinov2WithRegistersConfig(num_register_tokens=4, **options)), before_last),
        "torchvision": reference(VisionTransformer(image_size=32, patch_size=16, num_layers=LAYERS, num_heads=HEADS, hidden_dim=WIDTH, mlp_dim=4 * WIDTH), of_torchvision, (32, 32)),
    },
}
write("dinov2_features.json", out, 9)
