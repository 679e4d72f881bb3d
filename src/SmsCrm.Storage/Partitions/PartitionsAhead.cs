namespace SmsCrm.Storage.Partitions;

/// <summary>How far ahead of Postgres' clock rows have a partition to go to.</summary>
/// <param name="Days">Whole days after today of <c>messages</c> and <c>message_events</c>; under 3 is an alarm.</param>
/// <param name="ClaimHours">Whole hours after this one of <c>claims</c>; under 12 is an alarm.</param>
public sealed record PartitionsAhead(int Days, int ClaimHours)
{
    /// <summary>Enough for the night: the upkeep's next visits come hourly.</summary>
    public bool Enough => Days >= 3 && ClaimHours >= 12;
}

/// <summary>What became of dropping a day.</summary>
public enum DropOutcome
{
    /// <summary>The day's messages, and the events up to it, are gone.</summary>
    Dropped,

    /// <summary>There is no partition of that day.</summary>
    NotThere,

    /// <summary>A day before it is still there: the floor under all ids can't pass it.</summary>
    EarlierDayStands,

    /// <summary>A row of it is not final.</summary>
    HasOpenRows,

    /// <summary>A row of it holds money.</summary>
    HoldsMoney,
}
