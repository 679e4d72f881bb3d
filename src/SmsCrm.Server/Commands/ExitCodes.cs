namespace SmsCrm.Server.Commands;

/// <summary>What every command's process ends with.</summary>
internal static class ExitCodes
{
    public const int Ok = 0;

    /// <summary>It was asked for rightly, and did not work.</summary>
    public const int Failed = 1;

    /// <summary>It was asked for wrongly: the command line or the settings. One line for each error is on stderr.</summary>
    public const int Misuse = 2;
}
