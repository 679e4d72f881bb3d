using Google.Protobuf;

namespace SmsCrm.Contracts.V1;

/// <summary>Fields that a newer client sent and this version does not know: a server that ignored them would do another thing than was asked.</summary>
public sealed partial class SendRequest
{
    /// <summary>Numbers of the fields that were read and are not in this version's contract; empty where all are known.</summary>
    public IReadOnlyList<int> UnknownFieldNumbers => UnknownFields.Numbers(_unknownFields);
}

public sealed partial class SendBatchRequest
{
    /// <inheritdoc cref="SendRequest.UnknownFieldNumbers"/>
    public IReadOnlyList<int> UnknownFieldNumbers => UnknownFields.Numbers(_unknownFields);
}

public sealed partial class CancelRequest
{
    /// <inheritdoc cref="SendRequest.UnknownFieldNumbers"/>
    public IReadOnlyList<int> UnknownFieldNumbers => UnknownFields.Numbers(_unknownFields);
}

public sealed partial class WatchRequest
{
    /// <inheritdoc cref="SendRequest.UnknownFieldNumbers"/>
    public IReadOnlyList<int> UnknownFieldNumbers => UnknownFields.Numbers(_unknownFields);
}

public sealed partial class Link
{
    /// <inheritdoc cref="SendRequest.UnknownFieldNumbers"/>
    public IReadOnlyList<int> UnknownFieldNumbers => UnknownFields.Numbers(_unknownFields);
}

internal static class UnknownFields
{
    public static IReadOnlyList<int> Numbers(UnknownFieldSet? unknown)
    {
        if (unknown is null)
        {
            return [];
        }

        var bytes = new byte[unknown.CalculateSize()];
        using (var output = new CodedOutputStream(bytes))
        {
            unknown.WriteTo(output);
        }

        var numbers = new SortedSet<int>();
        using var input = new CodedInputStream(bytes);
        for (var tag = input.ReadTag(); tag != 0; tag = input.ReadTag())
        {
            numbers.Add(WireFormat.GetTagFieldNumber(tag));
            input.SkipLastField();
        }

        return [.. numbers];
    }
}
