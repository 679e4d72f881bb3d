using Google.Protobuf;
using SmsCrm.Contracts.V1;

namespace SmsCrm.Pipeline.Ledger;

/// <summary>The request that is kept with a message's row.</summary>
public static class KeptRequest
{
    /// <summary>Null where it was kept as it came because nobody could read it.</summary>
    public static RequestRecord? Read(ReadOnlySpan<byte> kept)
    {
        try
        {
            return RequestRecord.Parser.ParseFrom(kept);
        }
        catch (InvalidProtocolBufferException)
        {
            return null;
        }
    }
}
