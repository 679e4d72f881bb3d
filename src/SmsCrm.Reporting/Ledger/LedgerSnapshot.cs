using System.Data;
using Dapper;
using Npgsql;

namespace SmsCrm.Reporting.Ledger;

/// <summary>One moment of the database, and what was found wrong with it so far.</summary>
internal sealed class LedgerSnapshot(NpgsqlConnection connection, LedgerScope scope) : IAsyncDisposable
{
    private const int TimeoutSeconds = 1_800;

    private readonly List<LedgerFault> _faults = [];
    private readonly SortedDictionary<string, long> _found = new(StringComparer.Ordinal);
    private NpgsqlTransaction? _transaction;

    public IReadOnlyList<LedgerFault> Faults => _faults;

    public IReadOnlyDictionary<string, long> Found => _found;

    public async Task BeginAsync(CancellationToken cancellation) =>
        _transaction = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellation);

    /// <param name="more">Parameters besides those of every check.</param>
    public async Task CheckAsync(string sql, CancellationToken cancellation, object? more = null)
    {
        var rows = (await connection.QueryAsync<FaultRow>(Command(
            $"""SELECT *, count(*) OVER () AS "Total" FROM ({sql}) faults ORDER BY "Subject" LIMIT @most""", more, cancellation))).AsList();
        if (rows.Count > 0)
        {
            Add(rows[0].Check, rows[0].Total, rows.Select(row => new LedgerFault(row.Check, row.Subject, row.Detail)));
        }
    }

    /// <summary>Rows for a comparison that is made here.</summary>
    public async Task<IReadOnlyList<T>> RowsAsync<T>(string sql, CancellationToken cancellation, object? more = null) =>
        (await connection.QueryAsync<T>(Command(sql, more, cancellation))).AsList();

    public void Add(string check, long total, IEnumerable<LedgerFault> faults)
    {
        _faults.AddRange(faults.Take(scope.Most));
        _found[check] = _found.GetValueOrDefault(check) + total;
    }

    public ValueTask DisposeAsync() => _transaction?.DisposeAsync() ?? default;

    private CommandDefinition Command(string sql, object? more, CancellationToken cancellation)
    {
        var parameters = new DynamicParameters(new { tenant = scope.Tenant, from = scope.Start, to = scope.End, most = scope.Most });
        if (more is not null)
        {
            parameters.AddDynamicParams(more);
        }

        return new CommandDefinition(sql, parameters, _transaction, TimeoutSeconds, cancellationToken: cancellation);
    }

    private sealed class FaultRow
    {
        public string Check { get; init; } = "";

        public string Subject { get; init; } = "";

        public string Detail { get; init; } = "";

        public long Total { get; init; }
    }
}
