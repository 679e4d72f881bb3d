using Microsoft.Extensions.Logging;
using Npgsql;
using SmsCrm.Pipeline.Messages;

namespace SmsCrm.Pipeline.Receipts.Inbound;

/// <summary>What a tenant wants its recipients told when they write STOP, HELP or START. Read when one does: that is seldom.</summary>
internal sealed class InboundAnswers(NpgsqlDataSource database, ILogger<InboundAnswers> logger)
{
    /// <summary>
    /// Null where the provider has answered, the text has no keyword, or its tenant set no answer. A wish to stop in words of its own is answered
    /// by whoever reviews it. Where nothing can be read nothing is answered: the text is kept, and to refuse it would bring it again.
    /// </summary>
    public async Task<string?> ToAsync(InboundText text, IReadOnlyList<TenantId> owners, CancellationToken cancellation)
    {
        if (text.IsAnswered || owners.Count != 1 || text.Keyword is not (Keyword.Stop or Keyword.Help or Keyword.Start))
        {
            return null;
        }

        try
        {
            await using var command = database.CreateCommand("SELECT answer FROM inbound_answers WHERE tenant_id = $1 AND keyword = $2");
            command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = owners[0].Value });
            command.Parameters.Add(new NpgsqlParameter<short> { TypedValue = (short)text.Keyword });
            return await command.ExecuteScalarAsync(cancellation).ConfigureAwait(false) as string;
        }
        catch (NpgsqlException away)
        {
            Log.AnswerNotRead(logger, text.Sid.ToString(), away.Message);
            return null;
        }
    }
}
