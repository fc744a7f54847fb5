using System.Buffers.Binary;
using System.Text;

namespace AiPipe.Tests.Fixtures.Otlp;

/// <summary>
/// Reads the fields of one protobuf message: <see cref="TryRead"/> moves to the next field, the properties are its value.
/// </summary>
internal ref struct ProtobufReader(ReadOnlySpan<byte> message)
{
    private ReadOnlySpan<byte> _rest = message;
    private ulong _number;

    /// <summary>The field's number in the .proto file.</summary>
    public int Field { get; private set; }

    /// <summary>A nested message, a string's UTF-8 or packed numbers; empty for fields of other wire types.</summary>
    public ReadOnlySpan<byte> Bytes { get; private set; }

    public readonly string Text => Encoding.UTF8.GetString(Bytes);
    /// <summary>Bytes in lower-case hexadecimal, as trace and span ids are written.</summary>
    public readonly string Hex => Convert.ToHexStringLower(Bytes);
    public readonly long Integer => (long)_number;
    public readonly double Double => BitConverter.UInt64BitsToDouble(_number);

    /// <summary>Moves to the next field; false at the end of the message.</summary>
    public bool TryRead()
    {
        if (_rest.IsEmpty) return false;
        var tag = ReadVarint();
        Field = (int)(tag >> 3);
        Bytes = default;
        _number = 0;
        switch (tag & 7)
        {
            case 0: _number = ReadVarint(); break;
            case 1: _number = BinaryPrimitives.ReadUInt64LittleEndian(Take(sizeof(ulong))); break;
            case 2: Bytes = Take((int)ReadVarint()); break;
            case 5: _number = BinaryPrimitives.ReadUInt32LittleEndian(Take(sizeof(uint))); break;
            default: throw new InvalidDataException($"Wire type {tag & 7} does not occur in OTLP.");
        }
        return true;
    }

    private ReadOnlySpan<byte> Take(int count)
    {
        var taken = _rest[..count];
        _rest = _rest[count..];
        return taken;
    }

    private ulong ReadVarint()
    {
        var value = 0UL;
        for (var shift = 0; ; shift += 7)
        {
            var next = Take(1)[0];
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80) return value;
        }
    }
}
