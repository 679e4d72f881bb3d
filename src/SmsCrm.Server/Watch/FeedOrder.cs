using SmsCrm.Pipeline.Ledger;

namespace SmsCrm.Server.Watch;

/// <summary>The order of positions of one database: by transaction, then by sequence.</summary>
internal static class FeedOrder
{
    public static bool IsBefore(this FeedPosition one, FeedPosition other) =>
        one.Transaction < other.Transaction || (one.Transaction == other.Transaction && one.Sequence < other.Sequence);
}
