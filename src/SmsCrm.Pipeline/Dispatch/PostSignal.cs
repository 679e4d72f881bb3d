namespace SmsCrm.Pipeline.Dispatch;

/// <summary>What the end of a POST says about its account, whatever it says about the message.</summary>
internal enum PostSignal
{
    /// <summary>It answered, with a yes or with a no to this message.</summary>
    Answered,

    /// <summary>Too much at once: 429, or the POST could not begin in time.</summary>
    PushedBack,

    /// <summary>It does not work: no connection, a timeout, a 5xx.</summary>
    Failed,

    /// <summary>It refuses everything (authentication, suspended).</summary>
    Halted,
}
