namespace SmsCrm.Crm.Tenants;

/// <summary>What became of a change of settings: a closed set.</summary>
public abstract record SettingsOutcome<T>
{
    private SettingsOutcome()
    {
    }

    /// <summary>Committed; every node follows within a second.</summary>
    public sealed record Done(T Value) : SettingsOutcome<T>;

    /// <summary>Nothing was changed. Each sentence names field, value and remedy.</summary>
    public sealed record Refused(IReadOnlyList<string> Errors) : SettingsOutcome<T>
    {
        public Refused(string error) : this([error])
        {
        }
    }

    public sealed record NotFound : SettingsOutcome<T>;

    /// <summary>Somebody else changed it since that version was read.</summary>
    public sealed record Stale(long CurrentVersion) : SettingsOutcome<T>;
}
