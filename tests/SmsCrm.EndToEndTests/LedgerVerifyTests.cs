using System.Globalization;
using Npgsql;
using SmsCrm.Server.Local;
using SmsCrm.TestKit;

namespace SmsCrm.EndToEndTests;

/// <summary><c>smscrm ledger verify</c> with Kafka's requests and the provider's own list, on messages that were really sent.</summary>
[Collection(nameof(Alone))]
public abstract class LedgerVerifyTests(KafkaKind kafka)
{
    private const string NumberOfNobody = "+12125550299";

    [Fact]
    public async Task Sources_that_know_nothing_of_one_another_agree_and_what_is_tampered_with_is_named_by_who_knows_better()
    {
        await using var system = await TestSystem.StartAsync(kafka);
        var ids = await SendAsync(system, 40);

        await Eventually.PassesAsync(async () => Assert.Contains("40 messages", await VerifyAsync(system), StringComparison.Ordinal), TimeSpan.FromSeconds(60));
        var agreed = await VerifyAsync(system);
        await TamperAsync(system, "UPDATE messages SET recipient = recipient + 1 WHERE id = $1", ids[0]);
        await TamperAsync(system, "UPDATE messages SET sid = gen_random_uuid() WHERE id = $1", ids[1]);
        await TamperAsync(system, "DELETE FROM messages WHERE id = $1", ids[2]);
        var stray = await SendPastTheLedgerAsync(system);
        var told = await VerifyAsync(system);

        Assert.Contains("(Postgres, kafka, provider): all agree", agreed, StringComparison.Ordinal);
        AssertTold(told, "kafka", ids[0], "differ in tenant, recipient, campaign or segments");
        AssertTold(told, "provider", ids[0], "the provider lists its sid as a text to another number");
        AssertTold(told, "provider", ids[1], "is not in the provider's list");
        AssertTold(told, "kafka", ids[2], "it has no row");
        AssertTold(told, "rows", ids[2], "events and no row");
        AssertTold(told, "provider", stray, "no row has it");
        Assert.DoesNotContain(ids[3], told, StringComparison.Ordinal);
        Assert.Contains("do not agree", told, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_source_that_does_not_answer_is_not_said_to_agree()
    {
        await using var system = await TestSystem.StartAsync(kafka);
        await SendAsync(system, 3);
        await system.Simulator!.StopAsync(TimeSpan.FromSeconds(20));

        var told = await VerifyAsync(system);

        Assert.Contains("provider: NOT COMPARED", told, StringComparison.Ordinal);
        Assert.Contains("and provider did not answer", told, StringComparison.Ordinal);
    }

    private static void AssertTold(string told, string check, string subject, string detail) => Assert.Contains(
        told.Split('\n'),
        line => line.StartsWith(check, StringComparison.Ordinal) && line.Contains(subject, StringComparison.Ordinal) && line.Contains(detail, StringComparison.Ordinal));

    private static async Task<List<string>> SendAsync(LocalSystem system, int messages)
    {
        using var api = await Api.OfAsync(system);
        var ids = new List<string>();
        for (var i = 0; i < messages; i++)
        {
            ids.Add(await api.SendAsync(string.Create(CultureInfo.InvariantCulture, $"+1212555{1000 + i}")));
        }

        foreach (var id in ids)
        {
            await api.StateIsAsync(id, "delivered");
        }

        return ids;
    }

    /// <returns>What the command prints, whether it agrees or not.</returns>
    private static async Task<string> VerifyAsync(LocalSystem system)
    {
        var log = Path.Combine(system.LogFolder, "ledger.log");
        File.Delete(log);
        try
        {
            await system.RunCommandAsync(["ledger", "verify", "--grace", "0"]);
        }
        catch (LocalServerException)
        {
            // It does not agree, and its log says about what.
        }

        return await File.ReadAllTextAsync(log);
    }

    private static async Task TamperAsync(LocalSystem system, string sql, string id)
    {
        await using var postgres = NpgsqlDataSource.Create(system.PostgresConnectionString);
        await using var command = postgres.CreateCommand(sql);
        command.Parameters.AddWithValue(Guid.Parse(id));
        Assert.Equal(1, await command.ExecuteNonQueryAsync());
    }

    /// <summary>A text that somebody sends with the account's token from the tenant's own sender, past this product.</summary>
    private static async Task<string> SendPastTheLedgerAsync(LocalSystem system)
    {
        await using var postgres = NpgsqlDataSource.Create(system.PostgresConnectionString);
        await using var sender = postgres.CreateCommand("SELECT address FROM senders ORDER BY id LIMIT 1");
        using var provider = new Provider(system);
        return await provider.CreateAsync((string)(await sender.ExecuteScalarAsync())!, NumberOfNobody, "Past the ledger");
    }
}

public sealed class LedgerVerifyTests_on_the_embedded_broker() : LedgerVerifyTests(KafkaKind.Embedded);

public sealed class LedgerVerifyTests_on_a_real_broker : LedgerVerifyTests
{
    public LedgerVerifyTests_on_a_real_broker()
        : base(KafkaKind.Managed) => Assert.SkipUnless(KafkaHome.IsSet, KafkaHome.WhyNot);
}
