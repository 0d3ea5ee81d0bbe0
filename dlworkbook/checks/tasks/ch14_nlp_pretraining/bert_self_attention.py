"""Task ``bert_self_attention``: the self-attention layer of BERT, as a class.

Shapes: hidden_states (B, S, D), attention_mask (B, S), output (B, S, D); h heads of width
d = D / h. Ids that begin with LAB9 are those of the course that the labs come from; those that
begin with BERT are our own. The catalogue is one function, ``right``, with steps to exchange.
"""

from __future__ import annotations

import numpy as np
import torch
import torch.nn.functional as F

from ...adapters.bert import NAMES, Layer, drawing, extra
from ...slips import Draft
from ...values import scattered

CONTRACT = """class BertSelfAttention(nn.Module): self-attention with several heads, as in BERT.

BertSelfAttention(config): config has hidden_size D, num_attention_heads h (a divisor of D) and
attention_probs_dropout_prob. The layer holds query, key and value, each an nn.Linear(D, D) with
bias, and dropout, an nn.Dropout.

forward(hidden_states, attention_mask) -> output. hidden_states has shape (B, S, D).
attention_mask has shape (B, S) and is additive: 0 for a token that is kept, -10000 for padding; in
every sample at least one token is kept. output has shape (B, S, D).

Head number i works on features i D/h to (i+1) D/h of query, key and value. Scores are dot products
of a query with all keys, divided by the square root of the width of a head, D/h. The mask is added
to the scores, for all queries the same. Softmax runs over the keys. In training mode, dropout acts
on the weights. The outputs of the heads stand side by side, in their order. An output projection, a
residual connection and a layer norm are not part of this layer. The check also looks whether the
code does without nn.MultiheadAttention and F.scaled_dot_product_attention."""

def ours(answer, inputs):
    """Call an answer of our own, with the random numbers of the probe."""
    with drawing(inputs[2].draw):
        return answer(*inputs)


# ---- right answers of ours ---------------------------------------------------------------------


def reference(x, mask, layer):
    """The definition: one sample, head and query at a time; only dropout is the library's."""
    B, S, D = x.shape
    d = D // layer.heads
    x, mask = x.double(), mask.double()
    q, k, v = (x @ torch.from_numpy(w).T + torch.from_numpy(b) for w, b in layer.weights.values())
    weights = torch.zeros(B, layer.heads, S, S)
    for b, i, s in np.ndindex(B, layer.heads, S):
        part = slice(i * d, (i + 1) * d)
        scores = torch.stack(
            [q[b, s, part] @ k[b, t, part] / d**0.5 + mask[b, t] for t in range(S)]
        )
        powers = torch.exp(scores - scores.max())
        weights[b, i, s] = powers / powers.sum()
    weights = F.dropout(weights, layer.dropout, layer.training).double()
    output = torch.zeros(B, S, D, dtype=torch.float64)
    for b, i, s in np.ndindex(B, layer.heads, S):
        part = slice(i * d, (i + 1) * d)
        output[b, s, part] = weights[b, i, s] @ v[b, :, part]
    return output


def linear(x, layer, name):
    """x through query, key or value."""
    weight, bias = layer.weights[name]
    return F.linear(x, torch.from_numpy(weight).float(), torch.from_numpy(bias).float())


def project(x, layer):
    """(B, S, D) -> query, key and value, (B, S, D) each."""
    return tuple(linear(x, layer, name) for name in NAMES)


def split(t, h):
    """(B, S, D) -> (B, h, S, d)."""
    B, S, D = t.shape
    return t.view(B, S, h, D // h).transpose(1, 2)


def products(q, k):
    """(B, h, S, d) twice -> (B, h, S, S), last axis for keys."""
    return q @ k.transpose(-1, -2)


def add_mask(scores, mask):
    """The mask for all heads and all queries."""
    return scores + mask[:, None, None, :]


def softmax(scores, mask):
    return scores.softmax(-1)


def drop(t, layer):
    """Dropout as the layer asks for it."""
    return F.dropout(t, layer.dropout, layer.training)


def merge(t):
    """(B, h, S, d) -> (B, S, D)."""
    return t.transpose(1, 2).flatten(2)


STEPS = {
    "project": project,
    "split": split,
    "products": products,
    "scale": lambda scores, q, h: scores / q.shape[-1] ** 0.5,
    "mask": add_mask,
    "softmax": softmax,
    "drop": drop,
    "combine": lambda weights, v: weights @ v,
    "merge": merge,
    "finish": lambda output, x, layer: output,
}


def right(x, mask, layer, /, **steps):
    """The layer as it should be, with ``steps`` in place of those of the same name."""
    do = STEPS | steps
    q, k, v = (do["split"](t, layer.heads) for t in do["project"](x, layer))
    scores = do["scale"](do["products"](q, k), q, layer.heads)
    weights = do["softmax"](do["mask"](scores, mask), mask)
    heads = do["combine"](do["drop"](weights, layer), v)
    return do["finish"](do["merge"](heads), x, layer)


draft = Draft(
    "bert_self_attention", CONTRACT, reference, right=right, use="bert self-attention",
    ours=ours, backends=("torch",),
    arguments=("hidden_states", "attention_mask", "layer"), answer_is="class", fits=1,
    call="BertSelfAttention(config)",
    traits={
        "more than one sample": lambda hidden_states: len(hidden_states) > 1,
        "more than one token": lambda hidden_states: hidden_states.shape[1] > 1,
        "more than one head": lambda layer: layer.heads > 1,
        "padded tokens": lambda attention_mask: attention_mask.any(),
        "training mode": lambda layer: layer.training,
        "a dropout rate above 0 in evaluation mode":
            lambda layer: layer.dropout > 0 and not layer.training,
    },
)
pieces, slip = draft.pieces, draft.slip

# ---- other steps -------------------------------------------------------------------------------


def no_mask(scores, mask):
    return scores


def kept(mask):
    """The mask as 1 for kept and 0 for padding, (B, 1, 1, S)."""
    return (mask == 0).float()[:, None, None, :]


def takes(q, k, v):
    """A projection in which query, key and value come from these layers ("" for the input)."""

    def project(x, layer):
        return tuple(linear(x, layer, name) if name else x for name in (q, k, v))

    return project


def transposed_weight(x, layer):
    return tuple(
        x @ torch.from_numpy(w).float() + torch.from_numpy(b).float()
        for w, b in layer.weights.values()
    )


def divided_by(size):
    """Scores divided by ``size(h, d, D, S)``."""

    def scale(scores, q, h):
        d = q.shape[-1]
        return scores / size(h, d, h * d, q.shape[-2])

    return scale


def one_head(t, h):
    return t[:, None]


def viewed(t, h):
    """(B, S, D) read as (B, h, S, d), without moving an axis."""
    B, S, D = t.shape
    return t.reshape(B, h, S, D // h)


def viewed_back(t):
    B, h, S, d = t.shape
    return t.reshape(B, S, h * d)


def interleaved(t, h):
    """Feature f goes to head f mod h."""
    B, S, D = t.shape
    return t.view(B, S, D // h, h).permute(0, 3, 1, 2)


def interleaved_back(t):
    return t.permute(0, 2, 3, 1).flatten(2)


def exchanged_sizes(t, h):
    """d heads of width h."""
    return split(t, t.shape[-1] // h)


def across_heads(t, h):
    """The heads of one token attend to each other: no transpose before the product."""
    B, S, D = t.shape
    return t.view(B, S, h, D // h)


def key_reshaped(q, k):
    B, h, S, d = k.shape
    return q @ k.reshape(B, h, d, S)


def strict_view(t):
    B, h, S, d = t.shape
    return t.permute(0, 2, 1, 3).view(B, S, h * d)


def plain_exp(scores, mask):
    powers = torch.exp(scores)
    return powers / powers.sum(-1, keepdim=True)


def filled(value):
    """Scores of *kept* keys replaced: a rule for masks in which 0 stands for padding."""
    return lambda scores, mask: scores.masked_fill(mask[:, None, None, :] == 0, value)


def causal(scores, mask):
    S = scores.shape[-1]
    future = torch.ones(S, S, dtype=torch.bool).triu(1)
    return add_mask(scores, mask).masked_fill(future, float("-inf"))


def first_head_masked(scores, mask):
    scores = scores.clone()
    scores[:, 0] += mask[:, None, :]
    return scores


def no_drop(t, layer):
    return t


def dropped(where, always=False):
    """Dropout elsewhere than on the weights: "scores", "scores, then mask", "context", "both"."""

    def answer(x, mask, layer):
        def dropout(t):
            return F.dropout(t, layer.dropout, layer.training or always)

        steps = {} if where == "both" else {"drop": no_drop}
        if where == "scores":
            steps["mask"] = lambda scores, m: dropout(add_mask(scores, m))
        elif where == "scores, then mask":
            steps["mask"] = lambda scores, m: add_mask(dropout(scores), m)
        else:
            steps["merge"] = lambda t: dropout(merge(t))
        return right(x, mask, layer, **steps)

    return answer


def block(output, x, layer):
    """Output projection, residual connection and layer norm, as they come after this layer."""
    return F.layer_norm(output @ extra(x.shape[-1]).T + x, x.shape[-1:], eps=1e-12)


# ---- the mistakes of the course ----------------------------------------------------------------

slip("LAB9-01", "scores are not divided by anything",
     "Your scores go into the softmax as they come out of the dot product. The division that keeps "
     "them small is missing, so your weights are too sharp.",
     "How large is a dot product of two random vectors of width d? What brings it back to one?",
     pieces(scale=lambda scores, q, h: scores))
slip("LAB9-02", "divided by the root of the hidden size",
     "Your scores are divided by the square root of the hidden size. Each head takes dot products "
     "of its own, shorter vectors. With one head this does not show.",
     "How many products are added up in one score, with two heads and 8 features?",
     pieces(scale=divided_by(lambda h, d, D, S: D**0.5)), keeps=0.75)
slip("LAB9-04", "multiplied where it should be divided",
     "Your scores are multiplied by the square root of the width of a head. Nearly all weight then "
     "falls on a single key.",
     "Should the scores become larger or smaller before the softmax?",
     pieces(scale=divided_by(lambda h, d, D, S: d**-0.5)))
slip("LAB9-06", "softmax over the heads",
     "Your softmax runs over the heads: for each query and key, the weights of all heads add up to "
     "one. With one head every weight is 1.",
     "A query spreads its attention over what? Which axis of the scores is that?",
     pieces(softmax=lambda scores, mask: scores.softmax(1)))
slip("LAB9-07", "query and key are exchanged",
     "Your score matrix is transposed: each token asks with its key and answers with its query.",
     "The row of the score matrix belongs to the token that asks. Which of the two layers makes "
     "its vector?",
     pieces(products=lambda q, k: products(k, q)))
slip("LAB9-09", "a mask of ones and zeros is added",
     "A mask of 1 and 0 is added to your scores. That changes the odds of a padded key by a factor "
     "e = 2.718 only: padded tokens keep their weight.",
     "The mask that comes in is already additive. What has to be added so that a weight vanishes?",
     pieces(mask=lambda scores, mask: scores + kept(mask)))
slip("LAB9-11", "scores are multiplied by the mask",
     "Your scores are multiplied by a mask of 1 and 0. A padded key gets the score 0, and 0 is an "
     "ordinary score: its weight is not zero.",
     "Which score gives the weight zero after a softmax?",
     pieces(mask=lambda scores, mask: scores * kept(mask)),
     pieces(mask=lambda scores, mask: scores * mask[:, None, None, :]))
slip("LAB9-12", "the mask is added after the softmax",
     "The mask is added to the weights, after the softmax. Padded keys then have weights near "
     "-10000, and your output has entries of that size.",
     "Which numbers are the mask's -10000 meant to be added to?",
     pieces(mask=no_mask, softmax=lambda s, mask: s.softmax(-1) + mask[:, None, None, :]))
slip("LAB9-14", "the mask has one axis too few",
     "Your mask has three axes when it meets scores that have four, so its batch axis is lined up "
     "with the heads. With as many samples as heads that is silent: head 2 of every sample gets "
     "the mask of sample 2.",
     "Write the shapes of mask and scores under each other, aligned at the right.",
     pieces(mask=lambda scores, mask: scores + mask[:, None, :]))
slip("LAB9-16", "heads are joined without moving the axes back",
     "Your output has the right shape and its numbers stand in the wrong places: the heads are "
     "joined by a reshape while their axis still stands before the tokens.",
     "In memory order, which numbers follow the first token of head 1: those of head 2, or those "
     "of the second token?",
     pieces(merge=viewed_back), keeps=0.75)
slip("LAB9-17", "view after permute",
     "Your layer stops with an error as soon as there are several tokens and several heads. After "
     "the axes are moved, numbers are no longer in order in memory, and view refuses.",
     "The error message itself says what can be called instead. What must happen to the memory "
     "first?",
     pieces(merge=strict_view), by_place=True, keeps=0.75)
slip("LAB9-19", "the value layer is not used",
     "Your layer averages the hidden states themselves; what `value` makes of them is not used. "
     "With a single token your output is the input.",
     "Three linear layers are applied to the hidden states. Where does the result of the third one "
     "go?",
     pieces(project=takes("query", "key", "")))
slip("LAB9-21", "dropout stays on in evaluation",
     "Your dropout acts in evaluation mode too. A functional dropout does not know about the mode "
     "of the module unless it is told.",
     "Call your layer in evaluation mode twice on the same input. Which argument of the function "
     "says whether the module is in training?",
     pieces(drop=lambda t, layer: F.dropout(t, layer.dropout, True)),
     pieces(drop=lambda t, layer: F.dropout(t, 0.5, True)),
     pieces(drop=lambda t, layer: F.dropout(t, 0.1, True)),
     dropped("scores", always=True), dropped("scores, then mask", always=True),
     dropped("context", always=True))
slip("LAB9-22", "softmax is applied twice",
     "Your weights go through a softmax a second time. That squeezes them towards equal weights "
     "(no two in a row differ by more than a factor e), and masked keys get weight again.",
     "Search for softmax. Is one of them hidden in a layer or in a helper function?",
     pieces(softmax=lambda scores, mask: scores.softmax(-1).softmax(-1)))
slip("LAB9-24", "no split into heads",
     "Your layer has one big head: queries and keys are compared over all features at once, so the "
     "number of heads makes no difference.",
     "With two heads there are two score matrices for each sample. How many has yours?",
     pieces(split=one_head, scale=divided_by(lambda h, d, D, S: d**0.5)),
     pieces(split=one_head, scale=lambda scores, q, h: scores / (q.shape[-1] // h) ** 0.5),
     keeps=0.25)

# ---- scores and weights ------------------------------------------------------------------------

slip("BERT-01", "softmax over the queries",
     "Your softmax runs over the queries: each column of the weights adds up to one, and the rows "
     "do not.",
     "Print the sums of the weights along both of the last two axes. Which should be one?",
     pieces(softmax=lambda scores, mask: scores.softmax(-2)))
slip("BERT-02", "softmax over the batch",
     "Your softmax runs over the batch: the weights of different samples add up to one. With one "
     "sample every weight is 1.",
     "Samples should not know about each other. Which axis does your softmax name?",
     pieces(softmax=lambda scores, mask: scores.softmax(0)))
slip("BERT-03", "no softmax",
     "Your scores are used as weights without a softmax.",
     "Weights are positive and add up to one in each row. Do yours?",
     pieces(softmax=lambda scores, mask: scores), keeps=0.25)
slip("BERT-04", "a sigmoid in place of the softmax",
     "Your weights lie between 0 and 1 one by one, and do not add up to one: a sigmoid stands "
     "where a softmax over the keys should.",
     "Print the sum of each row of your weights.",
     pieces(softmax=lambda scores, mask: scores.sigmoid()))
slip("BERT-05", "divided by the width itself",
     "Your scores are divided by the width of a head, not by its square root: either the root is "
     "missing, or the division happens twice, once for the query and once for the scores.",
     "The variance of a score is the width of a head. By what must a score be divided so that its "
     "variance is one?",
     pieces(scale=divided_by(lambda h, d, D, S: d)), keeps=0.75)
slip("BERT-06", "divided by the root of the number of heads",
     "Your scores are divided by the square root of the number of heads. It should be that of the "
     "width of a head.",
     "How many products are added up in one score?",
     pieces(scale=divided_by(lambda h, d, D, S: h**0.5)), keeps=0.75)
slip("BERT-07", "divided by the root of the number of tokens",
     "Your scores are divided by the square root of the number of tokens. A score is a sum over "
     "features, not over tokens.",
     "Which axis of the key did you read the size from, and had it been transposed already?",
     pieces(scale=divided_by(lambda h, d, D, S: S**0.5)), keeps=0.75)
slip("BERT-08", "the division comes after the softmax",
     "The weights are divided where the scores should be: your rows do not add up to one.",
     "What changes in a softmax if its inputs are divided, and what if its outputs are?",
     pieces(scale=lambda scores, q, h: scores,
            combine=lambda weights, v: weights @ v / v.shape[-1] ** 0.5))
slip("BERT-09", "large scores overflow",
     "Your softmax takes the exponential of the scores as they are. Large scores overflow, and the "
     "output holds NaN.",
     "A softmax does not change when the same number is subtracted from all scores of a row. Which "
     "number helps?",
     pieces(softmax=plain_exp), keeps=0.75)
slip("BERT-10", "the keys are reshaped where they should be transposed",
     "The keys have the right shape for the product and their numbers stand in the wrong places: a "
     "reshape was used to exchange two axes.",
     "Reshape keeps the order of the numbers in memory. Does an exchange of axes keep it?",
     pieces(products=key_reshaped))
slip("BERT-11", "the weights are transposed before they meet the values",
     "Your weights are transposed when they are multiplied with the values: a token collects by "
     "the attention that it gets, not by the attention that it pays.",
     "Row i of the weights belongs to query i. What should row i of the output be?",
     pieces(combine=lambda weights, v: weights.transpose(-1, -2) @ v))
slip("BERT-12", "each token sees earlier tokens only",
     "Later tokens get no weight in your layer: a causal mask, as in GPT. An encoder such as BERT "
     "looks in both directions.",
     "Is there a triangle of ones somewhere?",
     pieces(mask=causal))

# ---- the mask ----------------------------------------------------------------------------------

slip("BERT-13", "the mask is not used",
     "Padded tokens take part in your attention as if they were words: the mask changes nothing.",
     "Change the padded tokens of an input. Which outputs should stay the same?",
     pieces(mask=no_mask))
slip("BERT-14", "the mask acts on the queries",
     "The mask is added along the wrong axis: whole rows of the scores move together, and a "
     "softmax does not notice that. Padded keys keep their weight.",
     "Who is to be hidden, the token that asks or the token that is asked? On which axis of the "
     "scores does it stand?",
     pieces(mask=lambda scores, mask: scores + mask[:, None, :, None]))
slip("BERT-15", "the mask is subtracted",
     "The mask is subtracted: padded keys get all the weight.",
     "The mask holds 0 and -10000. Which score should a padded key end up with?",
     pieces(mask=lambda scores, mask: scores - mask[:, None, None, :]))
slip("BERT-16", "the mask is read the wrong way round",
     "Your layer takes the 0 in the mask for padding. In an additive mask 0 stands for the tokens "
     "that are kept: what you hide are the words.",
     "There are two kinds of mask, one that is compared and one that is added. Which one does the "
     "task hand over?",
     pieces(mask=filled(-1e9)), pieces(mask=filled(-1e4)),
     pieces(mask=filled(float("-inf"))))
slip("BERT-17", "the mask is converted a second time",
     "Your layer converts the mask from ones and zeros to an additive one; it is additive already. "
     "All scores move far away from zero, and lose their last digits.",
     "Work out what your line makes of a 0 and of a -10000.",
     pieces(mask=lambda scores, mask: scores + (1 - mask[:, None, None, :]) * -10000.0),
     keeps=0.75)
slip("BERT-18", "weights are set to zero after the softmax",
     "Padded keys lose their weight only after the softmax: what they had is missing, and the rows "
     "add up to less than one.",
     "Print the sum of each row of the weights of a padded sample.",
     pieces(mask=no_mask, softmax=lambda s, mask: s.softmax(-1) * kept(mask)))
slip("BERT-19", "the mask of the first sample is used for all",
     "All samples get the mask of the first one.",
     "How many rows has the mask that you add? Look for an index 0, or a squeeze.",
     pieces(mask=lambda scores, mask: scores + mask[0]))
slip("BERT-20", "the mask is added as it comes",
     "The mask has two axes and meets scores with four, so its batch axis is lined up with the "
     "queries. It works for one sample, and is silent when there are as many samples as tokens.",
     "Write the shapes of mask and scores under each other, aligned at the right.",
     pieces(mask=lambda scores, mask: scores + mask))
slip("BERT-21", "only the first head is masked",
     "The mask reaches the first head only: the others still look at padded tokens.",
     "Compare the weights of two heads on a padded key.",
     pieces(mask=first_head_masked))

# ---- the linear layers -------------------------------------------------------------------------

slip("BERT-22", "one linear layer is used twice, another never",
     "Two of query, key and value come out of the same linear layer, and the third layer is not "
     "used.",
     "Read the three lines that apply the layers once more, one name at a time.",
     pieces(project=takes("query", "query", "value")),
     pieces(project=takes("key", "key", "value")), pieces(project=takes("query", "key", "key")),
     pieces(project=takes("query", "key", "query")),
     pieces(project=takes("value", "key", "value")),
     pieces(project=takes("query", "value", "value")), keeps=0.75)
slip("BERT-23", "the query or key layer is not used",
     "Scores are computed from the hidden states themselves, where they should come from what the "
     "layers `query` and `key` make of them.",
     "Change the weights of query and of key. Which of them changes your output?",
     pieces(project=takes("", "", "value")), pieces(project=takes("", "key", "value")),
     pieces(project=takes("query", "", "value")))
slip("BERT-24", "the linear layers have no bias",
     "Your linear layers are made without a bias, or it is not added. BERT's have one each.",
     "Count the parameters of your layer for hidden size 8: there should be 216.",
     pieces(project=lambda x, layer: tuple(
         x @ torch.from_numpy(layer.weights[name][0]).float().T for name in NAMES)), keeps=0.75)
slip("BERT-25", "the weights are not transposed",
     "The hidden states are multiplied by the weights without transposing them. A linear layer "
     "holds its weight as (outputs, inputs).",
     "Call the layer instead of using its weight, and compare.",
     pieces(project=transposed_weight))
slip("BERT-26", "an output projection",
     "There is one more linear layer after the heads are joined. It belongs to the next part of "
     "the encoder, not to this layer.",
     "Which parameters does the interface list?",
     pieces(finish=lambda output, x, layer: output @ extra(x.shape[-1]).T), keeps=0.75)
slip("BERT-27", "a residual connection",
     "The hidden states are added to your output. The residual connection belongs to the next part "
     "of the encoder, not to this layer.",
     "What should come out if all values are zero?",
     pieces(finish=lambda output, x, layer: output + x), keeps=0.75)
slip("BERT-28", "the whole attention block",
     "Your layer goes on with what comes after it in the encoder: output projection, residual "
     "connection, layer norm. The task is the self-attention alone.",
     "Which parameters does the interface list?",
     pieces(finish=block),
     pieces(finish=lambda output, x, layer: F.layer_norm(output + x, x.shape[-1:])),
     pieces(finish=lambda output, x, layer: F.layer_norm(output, x.shape[-1:])),
     pieces(finish=lambda output, x, layer: output @ extra(x.shape[-1]).T + x), keeps=0.75)

# ---- the heads ---------------------------------------------------------------------------------

slip("BERT-29", "split into heads by a reshape alone",
     "The heads are cut out by one reshape to (batch, heads, tokens, width). That deals the "
     "numbers out in the wrong order: a head gets whole tokens instead of a part of each.",
     "Which axis do the features of one token lie on, before and after? Only neighbouring axes can "
     "be split by a reshape.",
     pieces(split=viewed), pieces(split=viewed, merge=viewed_back))
slip("BERT-30", "features are dealt out to the heads in turn",
     "Feature 1 goes to head 1, feature 2 to head 2, and so on in turn. A head should take "
     "neighbouring features: pretrained weights are laid out that way.",
     "In which order do head and width stand when you split the last axis?",
     pieces(split=interleaved, merge=interleaved_back), pieces(split=interleaved))
slip("BERT-31", "heads are joined in turn",
     "When your heads are joined, their features take turns: the first of each head, then the "
     "second of each. They should stand side by side.",
     "Which two axes are neighbours when you join them, and which of them comes first?",
     pieces(merge=interleaved_back), keeps=0.75)
slip("BERT-32", "number and width of the heads are exchanged",
     "You have as many heads as a head should have features, and the other way round.",
     "Print the shape of the query after the split, for 2 heads and 8 features.",
     pieces(split=exchanged_sizes),
     pieces(split=exchanged_sizes, scale=lambda scores, q, h: scores / scores.shape[1] ** 0.5))
slip("BERT-33", "heads attend to each other",
     "In your product the heads of one token are compared with each other, not the tokens of one "
     "head: the score matrix has as many rows as there are heads.",
     "A batched matrix product works on the last two axes. Which two should they be?",
     pieces(split=across_heads, merge=lambda t: t.flatten(2)),
     pieces(split=across_heads, mask=no_mask, merge=lambda t: t.flatten(2)), keeps=0.25)
slip("BERT-34", "heads are averaged or added, not joined",
     "Your output has the width of one head: the heads are added or averaged. They should stand "
     "side by side.",
     "With 2 heads of width 4, how many features does a token of the output have?",
     pieces(merge=lambda t: t.mean(1)), pieces(merge=lambda t: t.sum(1)))
slip("BERT-43", "the heads share one set of weights",
     "The weights, or the scores, are averaged over the heads, and every head uses the average: no "
     "head can look where the others do not.",
     "How many score matrices has a sample before your softmax, and how many sets of weights meet "
     "the values?",
     pieces(softmax=lambda scores, mask: scores.softmax(-1).mean(1, keepdim=True)),
     pieces(scale=lambda scores, q, h: (scores / q.shape[-1] ** 0.5).mean(1, keepdim=True)),
     pieces(softmax=lambda scores, mask: scores.softmax(-1)[:, :1]))
slip("BERT-35", "heads are not joined",
     "Your output still has an axis for the heads.",
     "What is the shape of the output before your last line, and which two axes become one?",
     pieces(merge=lambda t: t), pieces(merge=lambda t: t.transpose(1, 2)), keeps=0.75)
slip("BERT-36", "the weights are returned",
     "Your layer returns the attention weights. They are what the values are averaged with; the "
     "averages are asked for.",
     "Where do the values come in?",
     pieces(combine=lambda weights, v: weights, merge=lambda t: t))
slip("BERT-37", "works only for one head",
     "Your layer is right with one head and fails with more.",
     "Print the shapes of query and key just before they are multiplied, for two heads.",
     draft.only(lambda layer: layer.heads == 1), by_place=True)
slip("BERT-38", "works only for one sample",
     "Your layer is right for a batch of one and fails for more samples.",
     "Which of your shapes does not begin with the size of the batch?",
     draft.only(lambda hidden_states: len(hidden_states) == 1), by_place=True)

# ---- dropout -----------------------------------------------------------------------------------

slip("BERT-39", "no dropout",
     "In training mode your layer does not drop anything. A dropout layer that is made and never "
     "called does nothing.",
     "Dropout acts on the attention weights. Where do you call it?",
     pieces(drop=no_drop), keeps=0.75)
slip("BERT-40", "dropout in another place",
     "Your dropout does not act on the attention weights, or not on them alone. It belongs between "
     "the softmax and the product with the values.",
     "With one token there is one weight for each head: either the whole head is dropped, or "
     "nothing. What does your layer drop then?",
     dropped("scores"), dropped("scores, then mask"), dropped("context"), dropped("both"),
     pieces(project=lambda x, layer: project(drop(x, layer), layer), drop=no_drop), keeps=0.75)
slip("BERT-41", "the dropout rate is not taken from the configuration",
     "Your dropout has a rate of its own; the one of the configuration is not used.",
     "Which attribute of the configuration says how much is dropped?",
     *(pieces(drop=lambda t, layer, rate=rate: F.dropout(t, rate, layer.training))
       for rate in (0.1, 0.5, 0.2)), keeps=0.75)
slip("BERT-42", "the rate is what is kept",
     "Your dropout keeps the share that should be dropped.",
     "What should happen with a rate of 0?",
     pieces(drop=lambda t, layer: F.dropout(t, 1 - layer.dropout, layer.training)), keeps=0.75)

draft.without("BERT-44", "nn.MultiheadAttention", "F.scaled_dot_product_attention",
              "F.multi_head_attention_forward")

# ---- probes ------------------------------------------------------------------------------------


def weights(D, seed, scale=1.0):
    """Parameters of the three layers."""
    return {
        name: (scattered((D, D), seed + 5 * k, scale), scattered((D,), seed + 5 * k + 2))
        for k, name in enumerate(NAMES)
    }


def padded(B, S, places):
    """A mask with -10000 at these (sample, token) places."""
    mask = np.zeros((B, S))
    for place in places:
        mask[place] = -10000.0
    return mask


def probe(name, size, heads, *places, seed=0, **more):
    """Scattered values: ``size`` is (B, S, D), ``places`` are padded."""
    B, S, D = size
    layer = Layer(heads, weights(D, seed), **more)
    draft.probe(name, scattered(size, seed + 1), padded(B, S, places), layer)


def glass(name, heads, *places, scale=1.0, and_=""):
    """Tokens e_1 ... e_4 whose values make each output row the weights of the heads in turn."""
    D = 4 * heads
    value = np.zeros((D, D))
    for i in range(heads):
        value[4 * i : 4 * i + 4, :4] = np.eye(4)
    layer = Layer(heads, weights(D, 3, scale) | {"value": (value, np.zeros(D))})
    text = "four tokens whose values make each output row the attention weights"
    text += " of head 1, then of head 2" * (heads > 1) + and_
    draft.probe(name, np.eye(4, D)[None], padded(1, 4, places), layer, shown=text)


probe("one token", (1, 1, 2), 1)
glass("glass, one head", 1)
glass("glass", 2)
glass("glass, last key padded", 2, (0, 3), and_="; the last token is padding")
glass("glass, large scores", 2, scale=30.0, and_="; the scores are large")
probe("one token, two heads", (1, 1, 6), 2, seed=1)
probe("one head", (2, 3, 4), 1, (1, 2), seed=14)
probe("no padding", (2, 5, 8), 2)
probe("padding", (2, 5, 8), 2, (1, 3), (1, 4))
# No two sizes alike; padding in front and in the middle too, another pattern in each sample.
probe("all sizes different", (3, 5, 8), 2, (0, 0), (1, 2), (1, 4), seed=2)
probe("more heads", (2, 5, 12), 4, (0, 4), (1, 0), (1, 1), seed=4, dropout=1.0)
# Sizes equal on purpose: faults in the order of axes make no error here, only wrong numbers.
probe("as many tokens as heads", (2, 3, 6), 3, (1, 2), seed=6)
probe("as many samples as heads", (2, 4, 10), 2, (0, 1), seed=7)
probe("as many samples as tokens", (5, 5, 6), 2, (0, 4), (2, 0), (2, 3), (4, 2), seed=8)
# The same shapes as before with other numbers: answers remembered by shape fail.
probe("padding, other numbers", (2, 5, 8), 2, (0, 2), (1, 4), seed=9)
probe("evaluation, dropout 1", (2, 5, 8), 2, (1, 4), seed=10, dropout=1.0)
probe("training, dropout 0", (2, 3, 8), 2, (1, 2), seed=11, training=True)
probe("training, dropout 1", (2, 3, 8), 2, (1, 2), seed=12, dropout=1.0, training=True)
# One weight: it is dropped or doubled, in whatever way the random numbers are drawn.
probe("training, one weight", (1, 1, 8), 1, seed=13, dropout=0.5, training=True)
probe("training, another draw", (1, 1, 8), 1, seed=13, dropout=0.5, training=True, draw=3)

TASK = draft.task()
