"""A byte transformer, from scratch: pre-norm, causal, learned places, tied output."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor, nn
from torch.nn import functional

BYTES = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """How large a transformer is."""

    layers: int
    width: int
    heads: int
    context: int
    """Bytes it can look back on."""


class Block(nn.Module):
    """Attention, then two layers of four times the width, each added to what came in."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.heads = shape.heads
        self.before_attention = nn.LayerNorm(shape.width)
        self.attention = nn.Linear(shape.width, 3 * shape.width)
        self.joined = nn.Linear(shape.width, shape.width)
        self.before_layers = nn.LayerNorm(shape.width)
        self.wide = nn.Linear(shape.width, 4 * shape.width)
        self.narrow = nn.Linear(4 * shape.width, shape.width)

    def forward(self, flow: Tensor) -> Tensor:
        """Take and return (rows, bytes, width)."""
        rows, length, width = flow.shape
        mixed = self.attention(self.before_attention(flow))
        parts = mixed.view(rows, length, 3, self.heads, width // self.heads)
        query, key, value = parts.permute(2, 0, 3, 1, 4)
        seen = functional.scaled_dot_product_attention(query, key, value, is_causal=True)
        flow = flow + self.joined(seen.transpose(1, 2).reshape(rows, length, width))
        return flow + self.narrow(functional.gelu(self.wide(self.before_layers(flow))))


class Transformer(nn.Module):
    """Predicts each byte from those before it."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.shape = shape
        self.symbols = nn.Embedding(BYTES, shape.width)
        self.places = nn.Embedding(shape.context, shape.width)
        self.blocks = nn.ModuleList([Block(shape) for _ in range(shape.layers)])
        self.last = nn.LayerNorm(shape.width)
        for module in self.modules():
            if isinstance(module, nn.Linear | nn.Embedding):
                nn.init.normal_(module.weight, std=0.02)
            if isinstance(module, nn.Linear):
                nn.init.zeros_(module.bias)

    def forward(self, symbols: Tensor) -> Tensor:
        """Take (rows, bytes) and return scores of the byte after each, (rows, bytes, 256)."""
        places = self.places.weight[: symbols.shape[1]]
        flow = self.symbols(symbols) + places
        for block in self.blocks:
            flow = block(flow)
        return functional.linear(self.last(flow), self.symbols.weight)

    @property
    def size(self) -> int:
        """How many numbers are trained."""
        return sum(one.numel() for one in self.parameters())
