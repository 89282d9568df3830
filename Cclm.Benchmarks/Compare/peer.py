"""What a Python user writes: the reference model in PyTorch, trained and run, and an exported one in ONNX Runtime.

train PRECISION ROWS STEPS DEVICE FILTERS LAYERS | run ROWS BATCHES | onnx MODEL LINES ROWS BATCHES
Prints the milliseconds of a step or a batch, and the most memory in MB where it is the processor's that is used.
"""
import resource, sys, time
vocabulary, length, width, summary, heads = 128, 256, 32, 32, 8


def reference(filters=128, layers=2):
    import torch, torch.nn as nn, torch.nn.functional as F

    class Block(nn.Module):
        def __init__(self, inputs):
            super().__init__()
            self.conv1, self.conv2 = nn.Conv1d(inputs, filters, 3, padding=1), nn.Conv1d(filters, filters, 3, padding=1)
            self.conv3 = nn.Conv1d(filters + summary, filters, 3, padding=1)
            self.summary, self.dropout = nn.Linear(filters, summary), nn.Dropout(0.25)

        def forward(self, x):
            x = F.leaky_relu(self.conv1(x), 0.1)
            y = F.leaky_relu(self.conv2(self.dropout(x)), 0.1)
            whole = F.relu(self.summary(y.amax(2)))[:, :, None].expand(-1, -1, y.shape[2])
            return x + F.leaky_relu(self.conv3(torch.cat([y, whole], 1)), 0.1)

    class Layer(nn.Module):
        def __init__(self):
            super().__init__()
            self.qkv, self.output, self.up, self.down = nn.Linear(filters, 3 * filters), nn.Linear(filters, filters), nn.Linear(filters, 2 * filters), nn.Linear(2 * filters, filters)
            self.norm1, self.norm2, self.dropout = nn.LayerNorm(filters), nn.LayerNorm(filters), nn.Dropout(0.1)

        def forward(self, x):
            q, k, v = self.qkv(self.norm1(x)).view(len(x), length, 3, heads, filters // heads).permute(2, 0, 3, 1, 4)
            mixed = F.scaled_dot_product_attention(q, k, v).transpose(1, 2).flatten(2)
            x = x + self.dropout(self.output(mixed))
            return x + self.dropout(self.down(F.relu(self.up(self.norm2(x)))))

    class Model(nn.Module):
        def __init__(self):
            super().__init__()
            self.characters, self.positions, self.tower_positions = nn.Embedding(vocabulary, width), nn.Embedding(length, width), nn.Embedding(length, filters)
            self.blocks = nn.Sequential(Block(width), Block(filters))
            self.tower = nn.Sequential(*[Layer() for _ in range(layers)], nn.LayerNorm(filters))
            self.head = nn.Linear(filters, vocabulary)

        def hidden(self, ids):
            at = torch.arange(ids.shape[1], device=ids.device)
            x = self.blocks((self.characters(ids) + self.positions(at)).transpose(1, 2)).transpose(1, 2)
            return self.tower(x + self.tower_positions(at))

        def forward(self, ids):
            return self.head(self.hidden(ids))

    return Model()


def train(precision, rows, steps, device, filters, layers):
    import torch
    if device == 'cuda':
        torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = True
    model = reference(filters, layers).to(device)
    optimizer = torch.optim.AdamW(model.parameters(), 3e-4)
    ids, targets = torch.randint(4, vocabulary, (rows, length)), torch.randint(4, vocabulary, (rows, length))

    def step():
        optimizer.zero_grad()
        with torch.autocast(device, torch.bfloat16, enabled=precision == 'bfloat16'):
            logits = model(ids.to(device))
        torch.nn.functional.cross_entropy(logits.float().view(-1, vocabulary), targets.to(device).view(-1)).backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
    return (step, steps, torch.cuda.synchronize) if device == 'cuda' else (step, steps)


def run(rows, batches):
    import torch
    model = reference().eval()
    ids = torch.randint(4, vocabulary, (rows, length))

    def batch():
        with torch.inference_mode():
            hidden = model.hidden(ids)
            return torch.cat([hidden.mean(1), hidden.amax(1)], 1)
    return batch, batches


def onnx(path, lines, rows, batches):
    import numpy, onnxruntime
    session = onnxruntime.InferenceSession(path, providers=['CPUExecutionProvider'])
    texts = numpy.array(open(lines, encoding='utf-8').read().split('\n')[:rows], dtype=object)
    return lambda: session.run(['embedding'], {'text': texts}), batches


role, *words = sys.argv[1:]
once, times, *waits = globals()[role](*[int(word) if word.isdigit() else word for word in words])


def repeat(count):
    for _ in range(count):
        once()
    for wait in waits:
        wait()


repeat(10 if waits else 3)
start = time.perf_counter()
repeat(times)
print((time.perf_counter() - start) * 1000 / times, *[] if waits else [resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024])
