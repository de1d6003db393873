"""Google's Python protobuf behind lines of text, for Tests/WireTests/Protobuf.

usage: protobuf_peer.py DESCRIPTOR_SET < requests > answers

A request is one line of words; bytes are base64, an empty word is "-". Each gets one line back.

  random SEED COUNT        COUNT lines: a random Everything as BINARY and JSON
  same ORIGINAL OURS JSON  "ok" when ORIGINAL, OURS and JSON are the same Everything, else what differs
  accepts BINARY           "yes" or "no": whether the bytes parse as an Everything
  json JSON                the Everything as BINARY, or "no"
"""

import base64
import random
import struct
import sys

from google.protobuf import descriptor_pb2, descriptor_pool, json_format, message, message_factory

sets = descriptor_pb2.FileDescriptorSet.FromString(open(sys.argv[1], "rb").read())
pool = descriptor_pool.DescriptorPool()
for file in sets.file:
    pool.Add(file)


def message_class(name):
    return message_factory.GetMessageClass(pool.FindMessageTypeByName(name))


Everything = message_class("varve.testing.Everything")
Nested = message_class("varve.testing.Everything.Nested")


def decoded(word):
    return b"" if word == "-" else base64.b64decode(word)


def encoded(data):
    return base64.b64encode(data).decode() or "-"


def random_string(dice):
    letters = 'abcXYZ 0189_"\\/\n\t\x00\x1f\x7f<>&\u00e9\u4e16\U0001f600\u2028'
    return "".join(dice.choice(letters) for _ in range(dice.choice([0, 1, 5, 15, 16, 40])))


def random_integer(dice, low, high):
    edges = [low, low + 1, -1, 0, 1, 127, 128, 300, 16383, 16384, high - 1, high]
    value = dice.choice(edges + [dice.randint(low, high) >> dice.randint(0, 63)])
    return min(max(value, low), high)


def random_float(dice, bits):
    if dice.random() < 0.2:
        return dice.choice([0.0, -0.0, 1.0, 0.1, -1e-7, 1e21, float("inf"), float("-inf")])
    layout = ("<I", "<f") if bits == 32 else ("<Q", "<d")
    value = struct.unpack(layout[1], struct.pack(layout[0], dice.getrandbits(bits)))[0]
    return 1.5 if value != value else value


def random_value(dice, field, depth):
    kind = field.type
    if kind in (field.TYPE_INT32, field.TYPE_SINT32, field.TYPE_SFIXED32):
        return random_integer(dice, -(2**31), 2**31 - 1)
    if kind in (field.TYPE_INT64, field.TYPE_SINT64, field.TYPE_SFIXED64):
        return random_integer(dice, -(2**63), 2**63 - 1)
    if kind in (field.TYPE_UINT32, field.TYPE_FIXED32):
        return random_integer(dice, 0, 2**32 - 1)
    if kind in (field.TYPE_UINT64, field.TYPE_FIXED64):
        return random_integer(dice, 0, 2**64 - 1)
    if kind == field.TYPE_BOOL:
        return dice.random() < 0.5
    if kind == field.TYPE_FLOAT:
        return random_float(dice, 32)
    if kind == field.TYPE_DOUBLE:
        return random_float(dice, 64)
    if kind == field.TYPE_STRING:
        return random_string(dice)
    if kind == field.TYPE_BYTES:
        return dice.randbytes(dice.choice([0, 1, 2, 3, 40]))
    if kind == field.TYPE_ENUM:
        if field.enum_type.full_name == "google.protobuf.NullValue":
            return 0
        return dice.choice([0, 1, 2, -1, 2147483647, 77])
    raise AssertionError(field.full_name)


def fill_any(dice, target, depth):
    if depth > 1 or dice.random() < 0.1:
        return
    name = dice.choice(
        ["varve.testing.Everything.Nested", "google.protobuf.Duration", "google.protobuf.Any",
         "google.protobuf.Struct", "google.protobuf.Int64Value", "google.protobuf.Empty"]
    )
    inner = message_class(name)()
    # An Any compares its content as bytes, and here the order of map keys is the peer's own: one key at most.
    if name == "google.protobuf.Struct":
        inner.fields[random_string(dice)].number_value = 0.5
    elif name == "varve.testing.Everything.Nested":
        inner.text = random_string(dice)
        inner.list.add().number = dice.randint(-5, 5)
    else:
        fill(dice, inner, depth + 1)
    target.type_url = dice.choice(["type.googleapis.com/", "a.b/c/"]) + name
    target.value = inner.SerializeToString(deterministic=True)


def fill_value(dice, value, depth):
    kind = dice.choice(["null", "number", "string", "bool"] + (["struct", "list"] if depth < 3 else []))
    if kind == "null":
        value.null_value = 0
    elif kind == "number":
        number = random_float(dice, 64)
        value.number_value = number if abs(number) < 1e300 else 2.5
    elif kind == "string":
        value.string_value = random_string(dice)
    elif kind == "bool":
        value.bool_value = dice.random() < 0.5
    elif kind == "struct":
        value.struct_value.SetInParent()
        fill(dice, value.struct_value, depth + 1)
    else:
        value.list_value.SetInParent()
        fill(dice, value.list_value, depth + 1)


def fill(dice, target, depth=0):
    """Sets some of the fields of a message to random values that JSON can say."""
    name = target.DESCRIPTOR.full_name
    if name == "google.protobuf.Timestamp":
        target.seconds = dice.choice([0, -1, -62135596800, 253402300799, dice.randint(-(10**10), 10**10)])
        target.nanos = dice.choice([0, 1, 1000, 21000000, 999999999])
    elif name == "google.protobuf.Duration":
        sign = dice.choice([1, -1])
        target.seconds = sign * dice.choice([0, 1, 315575999999, dice.randint(0, 10**9)])
        target.nanos = sign * dice.choice([0, 1, 1000, 21000000, 999999999])
    elif name == "google.protobuf.FieldMask":
        target.paths.extend(dice.sample(["foo_bar", "a", "user.display_name", "b.c_d"], dice.randint(0, 3)))
    elif name == "google.protobuf.Any":
        fill_any(dice, target, depth)
    elif name == "google.protobuf.Value":
        fill_value(dice, target, depth)
    elif name == "google.protobuf.Struct":
        for _ in range(dice.randint(0, 3)):
            fill_value(dice, target.fields[random_string(dice)], depth + 1)
    elif name == "google.protobuf.ListValue":
        for _ in range(dice.randint(0, 3)):
            fill_value(dice, target.values.add(), depth + 1)
    else:
        for field in target.DESCRIPTOR.fields:
            if dice.random() < (0.3 if depth == 0 else 0.06 if depth < 3 else 0):
                fill_field(dice, target, field, depth)


def fill_field(dice, target, field, depth):
    if field.message_type and field.message_type.GetOptions().map_entry:
        entries = getattr(target, field.name)
        key, value = field.message_type.fields
        for _ in range(dice.randint(1, 4)):
            if value.message_type:
                fill(dice, entries[random_value(dice, key, depth)], depth + 1)
            else:
                entries[random_value(dice, key, depth)] = random_value(dice, value, depth)
    elif field.label == field.LABEL_REPEATED:
        for _ in range(dice.randint(1, 4)):
            if field.message_type:
                fill(dice, getattr(target, field.name).add(), depth + 1)
            else:
                getattr(target, field.name).append(random_value(dice, field, depth))
    elif field.message_type:
        getattr(target, field.name).SetInParent()
        fill(dice, getattr(target, field.name), depth + 1)
    else:
        setattr(target, field.name, random_value(dice, field, depth))


def to_json(value):
    return json_format.MessageToJson(value, descriptor_pool=pool, indent=None).encode()


def from_json(data):
    return json_format.Parse(data, Everything(), descriptor_pool=pool)


def compare(original, ours, json):
    expected = Everything.FromString(original)
    if Everything.FromString(ours) != expected:
        return "binary differs: " + repr(Everything.FromString(ours)) + " expected: " + repr(expected)
    if json:
        expected.DiscardUnknownFields()
        read = from_json(json)
        if read != expected:
            return "json differs: " + repr(read) + " expected: " + repr(expected)
    return "ok"


def answer(words):
    if words[0] == "random":
        dice = random.Random(int(words[1]))
        for _ in range(int(words[2])):
            value = Everything()
            fill(dice, value)
            yield encoded(value.SerializeToString(deterministic=True)) + " " + encoded(to_json(value))
    elif words[0] == "same":
        yield compare(*map(decoded, words[1:])).replace("\n", " ")
    elif words[0] == "accepts":
        try:
            Everything.FromString(decoded(words[1]))
            yield "yes"
        except message.DecodeError:
            yield "no"
    elif words[0] == "json":
        try:
            yield encoded(from_json(decoded(words[1])).SerializeToString(deterministic=True))
        except (json_format.ParseError, UnicodeDecodeError, ValueError):
            yield "no"
    else:
        raise SystemExit("protobuf_peer.py: unknown request " + words[0])


for line in sys.stdin:
    for reply in answer(line.split()):
        print(reply)
