using Microsoft.Extensions.Options;
using Npgsql;
using SmsCrm.Pipeline.Ledger;

namespace SmsCrm.Pipeline.Links;

/// <summary>
/// Flags hits that came before, or within seconds of, a delivery that was heard of only after they were written: previews and scanners fetch a link while
/// its text is on its way. Whatever is judged again changes nothing; several may judge at once, beside any writer.
/// </summary>
internal sealed class SoonHits(NpgsqlDataSource postgres, IOptions<LinksOptions> options, LinksMetrics metrics)
{
    private const int TimeoutSeconds = 10;

    /// <summary>Judges the hits of people from a moment on, in small transactions.</summary>
    /// <returns>How many are no person's any more.</returns>
    /// <exception cref="NpgsqlException">Postgres did not do it, or somebody else was in the way for 5 s: what is left is to be judged from that moment on again.</exception>
    public async Task<int> JudgeAsync(DateTimeOffset since, CancellationToken cancellation)
    {
        var flagged = 0;
        for (Guid? after = Guid.Empty; after is { } last;)
        {
            (var soon, after) = await ReadPageAsync(since, last, cancellation).ConfigureAwait(false);
            flagged += soon.Count == 0 ? 0 : await FlagAsync([.. soon], cancellation).ConfigureAwait(false);
        }

        return flagged;
    }

    /// <returns>Those that are too soon, and the id behind which there may be more; null: there are no more.</returns>
    private async Task<(IReadOnlyList<Guid> Soon, Guid? Last)> ReadPageAsync(DateTimeOffset since, Guid after, CancellationToken cancellation)
    {
        var page = new NpgsqlBatchCommand(SoonHitSql.Page);
        LinkHitSql.AddSpans(page.Parameters, options.Value);
        page.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = after });
        page.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = since.UtcDateTime });
        await using var batch = Batch(new NpgsqlBatchCommand(LedgerSql.LookUpOneByOne), new NpgsqlBatchCommand(SoonHitSql.WithoutCompiling), page);
        await using var reader = await ReadLastAsync(batch, cancellation).ConfigureAwait(false);
        var (read, soon) = (0, new List<Guid>());
        while (await reader.ReadAsync(cancellation).ConfigureAwait(false))
        {
            (read, after) = (read + 1, reader.GetGuid(0));
            if (reader.GetBoolean(1))
            {
                soon.Add(after);
            }
        }

        return (soon, read == SoonHitSql.AtOnce ? after : null);
    }

    private async Task<int> FlagAsync(Guid[] hits, CancellationToken cancellation)
    {
        await using var batch = Batch(
            new NpgsqlBatchCommand(LedgerSql.LookUpOneByOne),
            new NpgsqlBatchCommand(SoonHitSql.WithoutCompiling),
            new NpgsqlBatchCommand(SoonHitSql.LockTimeout),
            new NpgsqlBatchCommand(SoonHitSql.LockChanges),
            OfHits(SoonHitSql.LockClickers, hits),
            OfHits(SoonHitSql.Flag, hits));
        await using var reader = await ReadLastAsync(batch, cancellation).ConfigureAwait(false);
        await reader.ReadAsync(cancellation).ConfigureAwait(false);
        var flagged = (int)reader.GetInt64(0);
        metrics.HitsTooSoon(flagged);
        return flagged;
    }

    /// <summary>The batch is one transaction, each of its statements with a snapshot of its own.</summary>
    private NpgsqlBatch Batch(params ReadOnlySpan<NpgsqlBatchCommand> commands)
    {
        var batch = postgres.CreateBatch();
        batch.Timeout = TimeoutSeconds;
        foreach (var command in commands)
        {
            batch.BatchCommands.Add(command);
        }

        return batch;
    }

    /// <returns>At what the last statement answers.</returns>
    private static async Task<NpgsqlDataReader> ReadLastAsync(NpgsqlBatch batch, CancellationToken cancellation)
    {
        var reader = await batch.ExecuteReaderAsync(cancellation).ConfigureAwait(false);
        try
        {
            for (var i = 1; i < batch.BatchCommands.Count; i++)
            {
                await reader.NextResultAsync(cancellation).ConfigureAwait(false);
            }

            return reader;
        }
        catch
        {
            await reader.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    private static NpgsqlBatchCommand OfHits(string sql, Guid[] hits)
    {
        var command = new NpgsqlBatchCommand(sql);
        command.Parameters.Add(new NpgsqlParameter<Guid[]> { TypedValue = hits });
        return command;
    }
}
