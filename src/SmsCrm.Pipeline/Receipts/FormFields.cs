using System.Buffers.Text;

namespace SmsCrm.Pipeline.Receipts;

/// <summary>Where one field of a decoded form lies.</summary>
internal readonly record struct FormField(int Key, int KeyLength, int Value, int ValueLength);

/// <summary>
/// A decoded <c>application/x-www-form-urlencoded</c> body as UTF-8 bytes in the caller's buffers: two callbacks come for every
/// message, so a field costs nothing until it is asked for.
/// </summary>
internal readonly ref struct FormFields
{
    /// <summary>Twilio's callbacks have about a dozen; an inbound text with ten pictures about fifty.</summary>
    public const int MaxFields = 96;

    private readonly ReadOnlySpan<byte> _text;
    private readonly ReadOnlySpan<FormField> _fields;

    public FormFields(ReadOnlySpan<byte> text, ReadOnlySpan<FormField> fields)
    {
        _text = text;
        _fields = fields;
    }

    public int Count => _fields.Length;

    /// <summary>What <see cref="CopySigned"/> needs at most.</summary>
    public int SignedLength => _text.Length;

    /// <param name="text">At least as long as the body.</param>
    /// <param name="fields">At least <see cref="MaxFields"/>.</param>
    /// <returns>False for a broken escape or too many fields.</returns>
    public static bool TryParse(ReadOnlySpan<byte> body, Span<byte> text, Span<FormField> fields, out FormFields form)
    {
        form = default;
        var (length, count) = (0, 0);
        while (!body.IsEmpty)
        {
            var end = body.IndexOf((byte)'&');
            var pair = end < 0 ? body : body[..end];
            body = end < 0 ? default : body[(end + 1)..];
            if (pair.IsEmpty)
            {
                continue;
            }

            var equals = pair.IndexOf((byte)'=');
            var key = length;
            if (count == MaxFields || !TryDecode(equals < 0 ? pair : pair[..equals], text, ref length))
            {
                return false;
            }

            var value = length;
            if (equals >= 0 && !TryDecode(pair[(equals + 1)..], text, ref length))
            {
                return false;
            }

            fields[count++] = new FormField(key, value - key, value, length - value);
        }

        form = new FormFields(text[..length], fields[..count]);
        return true;
    }

    /// <summary>The value of a field that is there exactly once.</summary>
    public bool TryGet(ReadOnlySpan<byte> key, out ReadOnlySpan<byte> value)
    {
        value = default;
        var found = false;
        foreach (var field in _fields)
        {
            if (Key(field).SequenceEqual(key))
            {
                if (found)
                {
                    return false;
                }

                found = true;
                value = Value(field);
            }
        }

        return found;
    }

    /// <summary>
    /// Writes the fields as they are signed: ordinally sorted, each key followed by its value, without separators; of a repeated
    /// key the distinct values, sorted, each with the key.
    /// </summary>
    public int CopySigned(Span<byte> destination)
    {
        Span<FormField> sorted = stackalloc FormField[MaxFields];
        sorted = sorted[.._fields.Length];
        _fields.CopyTo(sorted);
        Sort(sorted);
        var length = 0;
        for (var i = 0; i < sorted.Length; i++)
        {
            if (i > 0 && Compare(sorted[i - 1], sorted[i]) == 0)
            {
                continue;
            }

            Key(sorted[i]).CopyTo(destination[length..]);
            length += sorted[i].KeyLength;
            Value(sorted[i]).CopyTo(destination[length..]);
            length += sorted[i].ValueLength;
        }

        return length;
    }

    private static bool TryDecode(ReadOnlySpan<byte> encoded, Span<byte> text, ref int length)
    {
        for (var i = 0; i < encoded.Length; i++)
        {
            var next = encoded[i];
            if (next == (byte)'+')
            {
                next = (byte)' ';
            }
            else if (next == (byte)'%')
            {
                if (i + 2 >= encoded.Length || !Utf8Parser.TryParse(encoded.Slice(i + 1, 2), out next, out var used, 'x') || used != 2)
                {
                    return false;
                }

                i += 2;
            }

            text[length++] = next;
        }

        return true;
    }

    /// <summary>By insertion: a dozen fields, most of them in order.</summary>
    private void Sort(Span<FormField> fields)
    {
        for (var i = 1; i < fields.Length; i++)
        {
            var field = fields[i];
            var j = i - 1;
            for (; j >= 0 && Compare(fields[j], field) > 0; j--)
            {
                fields[j + 1] = fields[j];
            }

            fields[j + 1] = field;
        }
    }

    private int Compare(FormField one, FormField other)
    {
        var keys = Key(one).SequenceCompareTo(Key(other));
        return keys != 0 ? keys : Value(one).SequenceCompareTo(Value(other));
    }

    private ReadOnlySpan<byte> Key(FormField field) => _text.Slice(field.Key, field.KeyLength);

    private ReadOnlySpan<byte> Value(FormField field) => _text.Slice(field.Value, field.ValueLength);
}
