using System.Collections.Immutable;
using System.Text.Json;

namespace SmsCrm.TwilioSimulator.Knobs;

/// <summary>Takes values out of JSON and remembers every error; after one, the value that held goes on.</summary>
internal sealed class KnobReader
{
    private readonly List<KnobError> _errors = [];

    public IReadOnlyList<KnobError> Errors => _errors;

    /// <summary>Whether this is an object, without a field that nobody knows.</summary>
    public bool IsObject(JsonElement element, string path, params ReadOnlySpan<string> fields)
    {
        if (element.ValueKind != JsonValueKind.Object)
        {
            _errors.Add(new(path, element.GetRawText(), "give an object"));
            return false;
        }
        foreach (var property in element.EnumerateObject())
        {
            if (!fields.Contains(property.Name))
            {
                var name = path is "(body)" ? property.Name : $"{path}.{property.Name}";
                _errors.Add(new(name, property.Value.GetRawText(), $"there is no such field: give one of {string.Join(", ", fields.ToArray())}"));
            }
        }
        return true;
    }

    public T Group<T>(JsonElement parent, string name, T now, Func<KnobReader, JsonElement, string, T, T> read, params ReadOnlySpan<string> fields) =>
        parent.TryGetProperty(name, out var group) && IsObject(group, name, fields) ? read(this, group, name, now) : now;

    public ImmutableArray<T> List<T>(
        JsonElement parent, string path, string name, ImmutableArray<T> now, Func<KnobReader, JsonElement, string, T> read, params ReadOnlySpan<string> fields)
    {
        if (!parent.TryGetProperty(name, out var list))
            return now;
        var listPath = path.Length == 0 ? name : $"{path}.{name}";
        if (list.ValueKind != JsonValueKind.Array || list.GetArrayLength() > 100)
        {
            _errors.Add(new(listPath, list.GetRawText(), "give a list of at most 100 objects"));
            return now;
        }
        var items = ImmutableArray.CreateBuilder<T>();
        foreach (var item in list.EnumerateArray())
        {
            var itemPath = $"{listPath}[{items.Count}]";
            if (!IsObject(item, itemPath, fields))
                return now;
            items.Add(read(this, item, itemPath));
        }
        return items.ToImmutable();
    }

    /// <summary>A number; <paramref name="now"/> null means that it has to be given.</summary>
    public double Number(JsonElement parent, string path, string name, double? now)
    {
        if (!parent.TryGetProperty(name, out var element))
        {
            if (now is null)
                _errors.Add(new($"{path}.{name}", "missing", "give a number"));
            return now ?? 0;
        }
        if (element.ValueKind == JsonValueKind.Number && element.TryGetDouble(out var value))
            return value;
        _errors.Add(new($"{path}.{name}", element.GetRawText(), "give a number"));
        return now ?? 0;
    }

    /// <summary>A whole number; <paramref name="now"/> null means that it has to be given.</summary>
    public int Whole(JsonElement parent, string path, string name, int? now)
    {
        if (!parent.TryGetProperty(name, out var element))
        {
            if (now is null)
                _errors.Add(new($"{path}.{name}", "missing", "give a whole number"));
            return now ?? 0;
        }
        if (element.ValueKind == JsonValueKind.Number && element.TryGetInt32(out var value))
            return value;
        _errors.Add(new($"{path}.{name}", element.GetRawText(), "give a whole number"));
        return now ?? 0;
    }

    public T Choice<T>(JsonElement parent, string path, string name, T now)
        where T : struct, Enum
    {
        if (!parent.TryGetProperty(name, out var element))
            return now;
        foreach (var value in Enum.GetValues<T>())
        {
            if (element.ValueKind == JsonValueKind.String && string.Equals(element.GetString(), value.ToString(), StringComparison.OrdinalIgnoreCase))
                return value;
        }
        var choices = string.Join(", ", Enum.GetNames<T>().Select(choice => choice.ToLowerInvariant()));
        _errors.Add(new($"{path}.{name}", element.GetRawText(), $"give one of {choices}"));
        return now;
    }

    /// <summary>Numbers by name, added to those that hold; null takes one away.</summary>
    public ImmutableDictionary<string, double> Numbers(JsonElement parent, string path, string name, ImmutableDictionary<string, double> now)
    {
        if (!parent.TryGetProperty(name, out var map))
            return now;
        if (map.ValueKind != JsonValueKind.Object)
        {
            _errors.Add(new($"{path}.{name}", map.GetRawText(), "give an object of names and numbers"));
            return now;
        }
        var numbers = now.ToBuilder();
        foreach (var property in map.EnumerateObject())
        {
            if (property.Value.ValueKind == JsonValueKind.Null)
                numbers.Remove(property.Name);
            else
                numbers[property.Name] = Number(map, $"{path}.{name}", property.Name, null);
        }
        return numbers.ToImmutable();
    }
}
