namespace SmsCrm.Pipeline.Receipts.Inbound;

/// <summary>What a recipient's text asks for. The numbers are stored.</summary>
internal enum Keyword : short
{
    None = 0,

    /// <summary>Opts out.</summary>
    Stop = 1,

    Help = 2,

    /// <summary>Opts in again.</summary>
    Start = 3,

    /// <summary>Wishes to stop in words of its own: suppressed at once, and for somebody to read.</summary>
    Review = 4,
}
