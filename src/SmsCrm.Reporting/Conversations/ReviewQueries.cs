using Dapper;
using Npgsql;
using SmsCrm.Pipeline.Messages;

namespace SmsCrm.Reporting.Conversations;

/// <summary>Reads a tenant's texts for review.</summary>
public sealed class ReviewQueries(NpgsqlDataSource database)
{
    public const int MaxPage = 200;

    /// <summary>As they are stored, by number.</summary>
    public static readonly IReadOnlyList<string> States = ["open", "confirmed", "lifted"];

    private const int TimeoutSeconds = 5;

    private const string PageSql = """
        SELECT id, number, to_address AS ToAddress, body, sid, sid_kind::text AS SidKind, state, created_at AS CreatedAt, decided_at AS DecidedAt, decided_by AS DecidedBy
        FROM inbound_reviews WHERE tenant_id = @tenant AND state = @state AND id < @below
        ORDER BY id DESC LIMIT @limit
        """;

    /// <summary>A page, newest first.</summary>
    /// <param name="state">One of <see cref="States"/>.</param>
    /// <param name="limit">1 to <see cref="MaxPage"/>.</param>
    /// <param name="below">The page before's cursor; null: from the newest on.</param>
    public async Task<ReviewPageView> PageAsync(TenantId tenant, string state, int limit, Guid? below, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        var rows = (await connection.QueryAsync<Row>(new CommandDefinition(
            PageSql,
            new { tenant = tenant.Value, state = (short)States.ToList().IndexOf(state), limit, below = below ?? Guid.AllBitsSet },
            commandTimeout: TimeoutSeconds,
            cancellationToken: cancellation))).AsList();
        return new ReviewPageView([.. rows.Select(row => row.ToView())], rows.Count == limit ? rows[^1].Id.ToString() : null);
    }

    private sealed class Row
    {
        public Guid Id { get; init; }

        public long Number { get; init; }

        public string ToAddress { get; init; } = "";

        public string Body { get; init; } = "";

        public Guid Sid { get; init; }

        public string SidKind { get; init; } = "";

        public short State { get; init; }

        public DateTime CreatedAt { get; init; }

        public DateTime? DecidedAt { get; init; }

        public string? DecidedBy { get; init; }

        public ReviewView ToView() => new(
            Id, new PhoneNumber(Number).ToString(), ToAddress, Body, new ProviderSid(SidKind[0], Sid).ToString(), States[State], CreatedAt, DecidedAt, DecidedBy);
    }
}
