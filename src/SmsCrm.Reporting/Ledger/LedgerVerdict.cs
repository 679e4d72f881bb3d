namespace SmsCrm.Reporting.Ledger;

/// <summary>What a verification looks at.</summary>
/// <param name="Tenant">Null: all of them.</param>
/// <param name="From">First day (UTC) of acceptance; of clicks, of the click.</param>
/// <param name="To">Last day (UTC), alike.</param>
public sealed record LedgerScope(Guid? Tenant, DateOnly From, DateOnly To)
{
    /// <summary>Whether Kafka's requests are compared with the rows.</summary>
    public bool Kafka { get; init; }

    /// <summary>Whether the provider's own list is compared with the rows.</summary>
    public bool Provider { get; init; }

    /// <summary>
    /// What is younger is left out where Kafka or the provider is compared: it may be on its way from one to the other. 0 s to 1 day, default 60 s.
    /// </summary>
    public TimeSpan Grace { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Most faults told of each comparison, 1 to 10,000; default 100. All are counted.</summary>
    public int Most { get; init; } = 100;

    internal DateTime Start => DateTime.SpecifyKind(From.ToDateTime(TimeOnly.MinValue), DateTimeKind.Utc);

    internal DateTime End => DateTime.SpecifyKind(To.AddDays(1).ToDateTime(TimeOnly.MinValue), DateTimeKind.Utc);
}

/// <summary>What is wrong with one message, count or budget.</summary>
/// <param name="Check">Which comparison found it.</param>
/// <param name="Subject">A message's id, or what else does not agree.</param>
/// <param name="Detail">Both sides.</param>
public sealed record LedgerFault(string Check, string Subject, string Detail);

/// <summary>A source outside Postgres.</summary>
/// <param name="IsCompared">False: it did not answer, so that nothing is known.</param>
/// <param name="Looked">Records or texts that were looked at.</param>
/// <param name="Note">What was and was not compared.</param>
public sealed record LedgerSource(string Name, bool IsCompared, long Looked, string Note);

/// <param name="Messages">How many were looked at.</param>
/// <param name="Faults">The first of each comparison.</param>
/// <param name="Found">How many there are, by comparison; one that found nothing is absent.</param>
public sealed record LedgerVerdict(
    long Messages, IReadOnlyList<LedgerFault> Faults, IReadOnlyDictionary<string, long> Found, IReadOnlyList<LedgerSource> Sources)
{
    public long TotalFaults => Found.Values.Sum();

    /// <summary>Nothing was found, and every source that was asked for answered.</summary>
    public bool Agrees => TotalFaults == 0 && Sources.All(source => source.IsCompared);
}
