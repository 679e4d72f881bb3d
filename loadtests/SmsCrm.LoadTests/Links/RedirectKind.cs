namespace SmsCrm.LoadTests.Links;

/// <summary>Who knows the link that is followed; as results spell it.</summary>
internal enum RedirectKind
{
    /// <summary>A thousand links, each followed before.</summary>
    Memory,

    /// <summary>Each link once, as ingest leaves it in Redis.</summary>
    Redis,

    /// <summary>Each link once, after Redis has lost it.</summary>
    Postgres,

    /// <summary>Codes that nobody drew.</summary>
    Unknown,
}
