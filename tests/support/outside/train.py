"""Run where TRL is: hands each file of records to the real SFTTrainer, with a model from nothing.

`train.py FOLDER FILE…` prints one JSON line for each file: what is supervised, decoded token by
token, how many arguments are null, and the loss of one step; or the error that it came to. A file
that ends in `.from_list` is read as `Dataset.from_list` does, which fills missing arguments with
null: it shows that nulls would be seen. Only a file that ends in `.jsonl` is trained on.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import trl
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import PreTrainedTokenizerFast, Qwen3Config, Qwen3ForCausalLM
from trl import SFTConfig, SFTTrainer

from datasets import Dataset, load_dataset

TEMPLATES = Path(trl.__file__).parent / "chat_templates"


def tokenizer_of(text: str) -> PreTrainedTokenizerFast:
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    learning = trainers.BpeTrainer(
        vocab_size=1000,
        special_tokens=["<|pad|>", "<|im_start|>", "<|im_end|>"],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator([text], learning)
    marks = {"pad_token": "<|pad|>", "eos_token": "<|im_end|>"}
    whole = PreTrainedTokenizerFast(tokenizer_object=tokenizer, **marks)
    whole.chat_template = (TEMPLATES / "qwen3_training.jinja").read_text("utf-8")
    return whole


def model_of(tokenizer: PreTrainedTokenizerFast) -> Qwen3ForCausalLM:
    shape = Qwen3Config(
        vocab_size=len(tokenizer), hidden_size=16, intermediate_size=32, num_hidden_layers=1,
        num_attention_heads=2, num_key_value_heads=1, head_dim=8,
    )  # fmt: skip
    return Qwen3ForCausalLM(shape)


def read(path: Path, folder: Path) -> Dataset:
    if path.suffix == ".from_list":
        return Dataset.from_list([json.loads(line) for line in path.read_text().splitlines()])
    return load_dataset(
        "json", data_files=str(path), split="train", cache_dir=str(folder / "cache")
    )


def nulls_of(rows: Dataset) -> int:
    calls = (
        call
        for row in rows
        for message in (*row["prompt"], *row["completion"])
        for call in message.get("tool_calls") or ()
    )
    return sum(value is None for call in calls for value in call["function"]["arguments"].values())


def look(path: Path, folder: Path) -> dict[str, object]:
    rows = read(path, folder)
    tokenizer = tokenizer_of(path.read_text("utf-8"))
    settings = SFTConfig(
        output_dir=str(folder / "out"), max_steps=1, per_device_train_batch_size=2,
        max_length=None, report_to=[], use_cpu=True, save_strategy="no", disable_tqdm=True,
    )  # fmt: skip
    trainer = SFTTrainer(
        model=model_of(tokenizer), args=settings, train_dataset=rows, processing_class=tokenizer
    )
    supervised = []
    for row in trainer.train_dataset:
        labels = trainer.data_collator([row])["labels"][0]
        supervised.append(tokenizer.decode(labels[labels != -100]))
    loss = trainer.train().training_loss if path.suffix == ".jsonl" else None
    return {"nulls": nulls_of(rows), "supervised": supervised, "loss": loss}


for name in sys.argv[2:]:
    try:
        told = look(Path(name), Path(sys.argv[1]))
    except Exception as error:  # noqa: BLE001  whatever the trainer says of a broken record
        told = {"error": f"{type(error).__name__}: {error}"[:300]}
    print(json.dumps({"path": name, **told}))  # noqa: T201
