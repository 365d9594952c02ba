package experiments

import (
	"regexp"
	"slices"
	"strings"
	"sync"

	"vertebra/stages/registry"
)

// People come with the words of other programs. Where such a word stands for a setting, the
// message says what it is called here: by a list of words, or by looking for it elsewhere in the
// file, such as epochs, which stands in a phase.

// foreign is what a word of others is here: a place of a file or a part, and how to write it.
type foreign struct{ at, write string }

// foreignSettings are words for settings, without blanks, hyphens and underscores.
var foreignSettings = map[string]foreign{
	"lr":                      {"train.optimizer", "the learning rate is a setting of the optimizer, optimizer: {adam: {rate: 1e-3}}, or of a phase: rate"},
	"batchsize":               {"train.batch", "images in a step are train.batch"},
	"amp":                     {"train.compute", "number formats are train.compute: {precision: …}"},
	"gradientcheckpointing":   {"train.compute", "what layers gave is computed again in the backward pass by train.compute: {recompute: true}"},
	"gradcheckpointing":       {"train.compute", "what layers gave is computed again in the backward pass by train.compute: {recompute: true}"},
	"activationcheckpointing": {"train.compute", "what layers gave is computed again in the backward pass by train.compute: {recompute: true}"},
	"earlystopping":           {"train.phases", "a phase ends early by stop: {patience: 10}"},
	"val":                     {"data.split.validation", "the share of validation cases is data.split.validation"},
	"kfold":                   {"data.split.folds", "cross-validation is data.split.folds"},
	"testfolds":               {"data.split.folds", "folds that take turns as test set are data.split: {folds: 5, rotate: test}"},
	"device":                  {"", "the device is a flag of the command line: --device"},
	"workers":                 {"", "images decoded at once are a flag of the command line: --workers"},
	"outputdir":               {"", "where results go are flags of the command line: --db, --runs, --reports, --cache"},
	"pretrained":              {"model.backbone", "pretrained weights are a setting of the backbone: backbone: {resnet50: {weights: imagenet}}"},
	"imagesize":               {"preprocess", "the size of images is a step: preprocess: [decode, window, {resize: {pixels: 224}}]"},
	"numclasses":              {"data.source", "how many classes there are follows from the data"},
	"scheduler":               {"train.phases", "learning rates over the epochs are those of a phase: schedule: {cosine: {}}"},
	"transforms":              {"augment", "what is done at random to training images is augment, what is done once preprocess"},
	"criterion":               {"train.loss", "it is train.loss"},
	"freeze":                  {"train.phases", "a phase trains the groups that train names, and all else is frozen: train: [head]"},
	"weightdecay":             {"train.optimizer", "it is a setting of the optimizer: optimizer: {adamw: {weight_decay: 0.01}}"},
	"tta":                     {"train.test_time.views", "views whose predictions are averaged are train.test_time: {views: [flip]}"},
	"modelema":                {"train.ema", "averages of the weights are train.ema: {decay: 0.999}"},
	"modelswa":                {"train.swa", "the mean of the weights after the last epochs is train.swa: {from: 0.75}"},
	"gradclip":                {"train.clip.norm", "limits of the gradients are train.clip: {norm: 1}"},
	"gradaccumulation":        {"train.accumulate", "parts that a batch is computed in are train.accumulate; the batch stays what train.batch says"},
	"warmupepochs":            {"train.phases", "warm-up is a setting of the schedule, a share of the phase: schedule: {cosine: {warmup: 0.1}}"},
	"pseudolabel":             {"data.pseudo_labels", "images without labels join the training by data.pseudo_labels"},
	"selfsupervised":          {"pretrain", "what the backbone learns from images alone is pretrain: {method: simclr}"},
	"distillation":            {"train.soft_labels", "what another net says joins the labels by train.soft_labels"},
	"fullfit":                 {"data.split.fold", "all cases but the test ones are trained on with data.split.fold: -1; runner refit RUN writes such a file"},
	"ensemble":                {"", "runs are blended by a command: runner ensemble RUN RUN"},
	"labelsmoothing":          {"train.loss", "it is a setting of the loss: loss: {cross_entropy: {label_smoothing: 0.1}}"},
}

// foreignParts are words for parts, one or several: the kind of parts, a colon, and the word.
var foreignParts = map[string]string{
	"loss:bce": "cross_entropy", "loss:bcewithlogits": "cross_entropy", "loss:ce": "cross_entropy", "loss:nll": "cross_entropy", "loss:softmax": "cross_entropy",
	"metric:rocauc": "auroc", "metric:aucroc": "auroc", "metric:sensitivity": "recall", "metric:auprc": "average_precision", "metric:prauc": "average_precision", "metric:map": "average_precision",
	"metric:ece": "calibration", "metric:qwk": "kappa", "metric:mae": "mean_absolute_error", "metric:logloss": "loss",
	"augmentation:randomrotation": "rotate", "augmentation:rotation": "rotate", "augmentation:hflip": "flip", "augmentation:vflip": "flip", "augmentation:randomhorizontalflip": "flip", "augmentation:randomverticalflip": "flip",
	"augmentation:randomresizedcrop": "resized_crop", "augmentation:randomcrop": "shift or resized_crop", "augmentation:colorjitter": "brightness, contrast, saturation or hue", "augmentation:huesaturationvalue": "hue, saturation or brightness", "augmentation:hsv": "hue, saturation or brightness",
	"augmentation:randomrotate90": "rotate90", "augmentation:rot90": "rotate90", "augmentation:transpose": "rotate90 or flip", "augmentation:d4": "rotate90 or flip", "augmentation:hedjitter": "stain", "augmentation:stainjitter": "stain", "augmentation:randaugment": "rand_augment", "augmentation:trivialaugment": "trivial_augment", "augmentation:trivialaugmentwide": "trivial_augment", "augmentation:autoaugment": "trivial_augment or rand_augment",
	"augmentation:shiftscalerotate": "shift, zoom or rotate", "augmentation:affine": "rotate, zoom, shift or shear", "augmentation:randomaffine": "rotate, zoom, shift or shear", "augmentation:motionblur": "motion_blur", "augmentation:opticaldistortion": "optical_distortion", "augmentation:randombrightnesscontrast": "brightness or contrast",
	"augmentation:randomerasing": "coarse_dropout", "augmentation:cutout": "coarse_dropout",
	"augmentation:gaussianblur": "blur", "augmentation:gaussiannoise": "noise", "augmentation:translate": "shift", "augmentation:scale": "zoom",
	"augmentation:gaussnoise": "noise", "augmentation:randomgamma": "gamma", "augmentation:horizontalflip": "flip", "augmentation:verticalflip": "flip", "augmentation:elastictransform": "elastic", "augmentation:gridmask": "coarse_dropout",
	"loss:sce": "symmetric_cross_entropy", "loss:gce": "generalized_cross_entropy", "loss:emd": "earth_mover", "loss:cdwce": "distance_weighted", "loss:sord": "soft_ordinal", "loss:auc": "pairwise_auc", "loss:aucm": "pairwise_auc", "loss:aucmargin": "pairwise_auc", "loss:balancedsoftmax": "logit_adjusted", "loss:asl": "asymmetric",
	"optimizer:asam": "sam with adaptive: true", "optimizer:schedulefree": "schedule_free", "optimizer:adamwschedulefree": "schedule_free", "optimizer:schedulefreeadamw": "schedule_free", "optimizer:nadamw": "nadam with decay: decoupled",
	"optimizer:ranger": "lookahead or radam", "schedule:cosinewithwarmup": "cosine", "schedule:cosineannealingwarmrestarts": "cosine", "schedule:linearwithwarmup": "linear",
	"schedule:reducelronplateau": "plateau_pytorch", "schedule:cosineannealing": "cosine", "schedule:cosineannealinglr": "cosine", "schedule:steplr": "step", "schedule:onecyclelr": "one_cycle",
	"backbone:vit": "vit_b_16", "backbone:swin": "swin_t", "backbone:swinv2": "swin_v2_t", "backbone:maxvit": "maxvit_t", "backbone:caformer": "caformer_s18", "backbone:metaformer": "caformer_s18", "backbone:pvt": "pvt_v2_b2", "backbone:pvtv2": "pvt_v2_b2", "backbone:swintransformerv2": "swin_v2_t", "backbone:resnet": "resnet50", "backbone:densenet": "densenet121", "backbone:efficientnet": "efficientnet_b0", "backbone:convnext": "convnext_tiny",
	"backbone:dino": "dinov2_vitb14", "backbone:dinov2": "dinov2_vitb14", "backbone:raddino": "dinov2_vitb14", "backbone:biomedclip": "vit_b_16", "backbone:mae": "vit_b_16, vit_l_16", "backbone:retfound": "vit_l_16", "backbone:convnextv2": "convnextv2_tiny",
	"backbone:tfefficientnetb0": "efficientnet_b0 with variant: tensorflow", "backbone:tfefficientnetb1": "efficientnet_b1 with variant: tensorflow", "backbone:tfefficientnetb2": "efficientnet_b2 with variant: tensorflow", "backbone:tfefficientnetb3": "efficientnet_b3 with variant: tensorflow",
	"backbone:tfefficientnetb4": "efficientnet_b4 with variant: tensorflow", "backbone:tfefficientnetb5": "efficientnet_b5 with variant: tensorflow", "backbone:tfefficientnetb6": "efficientnet_b6 with variant: tensorflow", "backbone:tfefficientnetb7": "efficientnet_b7 with variant: tensorflow", "backbone:tfefficientnetv2s": "efficientnet_v2_s with variant: tensorflow", "backbone:tfefficientnetv2m": "efficientnet_v2_m with variant: tensorflow", "backbone:tfefficientnetv2l": "efficientnet_v2_l with variant: tensorflow", "backbone:efficientnetbn": "efficientnet_b0 with variant: tensorflow",
	"backbone:resnext": "resnext50_32x4d", "backbone:resnext50": "resnext50_32x4d", "backbone:wideresnet": "wide_resnet50_2", "backbone:wideresnet50": "wide_resnet50_2", "backbone:mobilenet": "mobilenet_v3_large", "backbone:mobilenetv3": "mobilenet_v3_large",
	"backbone:regnet": "regnet_y_3_2gf", "backbone:regnety": "regnet_y_3_2gf", "backbone:regnety004": "regnet_y_400mf", "backbone:regnety008tv": "regnet_y_800mf", "backbone:regnety016": "regnet_y_1_6gf", "backbone:regnety032": "regnet_y_3_2gf", "backbone:regnety080tv": "regnet_y_8gf", "backbone:regnety160": "regnet_y_16gf",
	"preprocessing step:standardize": "normalise", "preprocessing step:zscore": "normalise", "preprocessing step:clip": "window", "preprocessing step:centercrop": "crop",
	"preprocessing step:cropforeground": "trim", "preprocessing step:cropborders": "trim", "preprocessing step:autocrop": "trim", "preprocessing step:removeborders": "trim",
	"domain:uniform": "range", "domain:real": "range", "domain:float": "range", "domain:loguniform": "log", "domain:categorical": "choice", "domain:values": "choice", "domain:int": "integer", "domain:randint": "integer",
}

// sameWords are further words for one of foreignSettings.
var sameWords = map[string]string{
	"ema": "modelema", "stochasticweightaveraging": "modelswa", "swastart": "modelswa", "averagedmodel": "modelswa", "emadecay": "modelema", "testtimeaugmentation": "tta", "clipgradnorm": "gradclip", "maxgradnorm": "gradclip", "gradientclipping": "gradclip", "clipnorm": "gradclip", "gradclipnorm": "gradclip",
	"gradaccum": "gradaccumulation", "gradientaccumulationsteps": "gradaccumulation", "gradaccumulationsteps": "gradaccumulation", "accumulationsteps": "gradaccumulation", "accumulategradbatches": "gradaccumulation",
	"warmup": "warmupepochs", "warmupsteps": "warmupepochs", "warmupratio": "warmupepochs", "pseudolabels": "pseudolabel", "pseudolabelling": "pseudolabel", "pseudolabeling": "pseudolabel", "unlabelled": "pseudolabel", "unlabeled": "pseudolabel", "noisystudent": "pseudolabel",
	"ssl": "selfsupervised", "selfsupervision": "selfsupervised", "pretraining": "selfsupervised", "simclr": "selfsupervised", "vicreg": "selfsupervised", "contrastive": "selfsupervised", "teacher": "distillation", "softtargets": "distillation", "knowledgedistillation": "distillation", "refit": "fullfit", "trainonall": "fullfit", "stacking": "ensemble", "blending": "ensemble", "blend": "ensemble",
	"learningrate": "lr", "bs": "batchsize", "fp16": "amp", "bf16": "amp", "mixedprecision": "amp", "precision": "amp", "valsplit": "val", "valsize": "val", "validationsplit": "val",
	"nfolds": "kfold", "nsplits": "kfold", "cv": "kfold", "gpu": "device", "gpus": "device", "numworkers": "workers", "logdir": "outputdir", "savedir": "outputdir", "imgsize": "imagesize", "size": "imagesize", "inputsize": "imagesize",
	"nclasses": "numclasses", "lrscheduler": "scheduler", "augmentations": "transforms", "augmentation": "transforms", "lossfn": "criterion", "lossfunction": "criterion", "frozen": "freeze", "freezelayers": "freeze",
}

var unknownWord = regexp.MustCompile(`^no ([a-z -]+) "([^"]*)"$`)

// meant is the hint of a problem, which says first what a word of others, or of an older version
// of this program, is called here.
func meant(p registry.Problem) string {
	if said := formerly(p); said != "" {
		return withKnown(said, p.Hint)
	}
	m := unknownWord.FindStringSubmatch(p.Text)
	if m == nil {
		return p.Hint
	}
	word := strings.NewReplacer("-", "", "_", "", " ", "").Replace(strings.ToLower(m[2]))
	said := ""
	if m[1] != "setting" {
		if part := foreignParts[m[1]+":"+strings.TrimSuffix(word, "loss")]; part != "" {
			said = "did you mean " + part + "?"
		}
	} else if one, known := foreignSettings[word]; known {
		said = one.write
	} else if one, known := foreignSettings[sameWords[word]]; known {
		said = one.write
	} else if !strings.Contains(p.Hint, "did you mean") {
		said = elsewhere(m[2])
	}
	if said == "" {
		return p.Hint
	}
	return withKnown(said, p.Hint)
}

// withKnown adds the words that a hint lists.
func withKnown(said, hint string) string {
	if _, known, has := strings.Cut(hint, "known: "); has {
		said += " (known: " + strings.TrimSuffix(known, ")") + ")"
	}
	return said
}

// elsewhere says where in a file a word stands for something; "" where it does nowhere, or in
// many places, or is so short that it may mean anything.
func elsewhere(word string) string {
	const most, least = 2, 3
	if len(word) < least {
		return ""
	}
	all := places()
	found := all[word]
	if len(found) == 0 || len(found) > most {
		return ""
	}
	return "did you mean " + strings.Join(found, " or ") + "?"
}

// asElsewhere are sections whose settings are called as those of sections that more files have.
var asElsewhere = map[string]bool{"locate": true, "pretrain": true}

// places are all settings and parts by name, with their paths.
var places = sync.OnceValue(func() map[string][]string {
	out := map[string][]string{}
	var walk func(path string, all []registry.Setting)
	walk = func(path string, all []registry.Setting) {
		for _, s := range all {
			at := strings.TrimPrefix(path+"."+s.Name, ".")
			if !asElsewhere[path] || out[s.Name] == nil {
				out[s.Name] = append(out[s.Name], at)
			}
			below := s
			for below.Type == "list" || below.Type == "map" {
				below, at = *below.Element, at+"[]"
			}
			walk(at, below.Settings)
		}
	}
	walk("", registry.SettingsOf(Default()))
	for _, kind := range registry.KindsOf(Default()) {
		for _, part := range kind.Parts {
			if at := kind.Path + ": " + part.Name; !slices.Contains(out[part.Name], at) {
				out[part.Name] = append(out[part.Name], at)
			}
		}
	}
	return out
})
