using Npgsql;
using SmsCrm.TestKit;

namespace SmsCrm.IntegrationTests.Crm.Webhooks;

/// <summary>When a delivery that failed is due again.</summary>
public sealed class WebhookRetryTests(DatabaseFixture databases) : WebhookTests(databases)
{
    private const int Endpoints = 8;

    [Theory]
    [InlineData(1, 5)]
    [InlineData(2, 5 * 60)]
    [InlineData(3, 30 * 60)]
    public async Task After_a_failure_the_next_attempt_is_due_by_the_schedule_with_up_to_a_fifth_more_drawn_for_each(int failures, int delaySeconds)
    {
        await NoteWaitsAsync();
        var process = await Bench.StartAsync();
        for (var i = 0; i < Endpoints; i++)
        {
            await process.CreateAsync(Bench.Tenant, Receiver.Url($"500-{i}"));
        }

        await Bench.DeliverMessageAsync();
        await Eventually.TrueAsync(async () =>
        {
            await Bench.PassTimeAsync();
            return (await WaitsAsync(failures)).Count == Endpoints;
        });

        var waits = await WaitsAsync(failures);
        Assert.All(waits, wait => Assert.InRange(wait, delaySeconds, delaySeconds * 1.2));
        Assert.Equal(Endpoints, waits.Distinct().Count());
    }

    /// <summary>Of each failure, by Postgres' own clock, how long it is to the next attempt: however late a test looks.</summary>
    private Task NoteWaitsAsync() => Bench.ExecuteAsync("""
        CREATE TABLE noted (tries int, wait interval);
        CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          IF NEW.tries > OLD.tries THEN INSERT INTO noted VALUES (NEW.tries, NEW.due_at - now()); END IF;
          RETURN NEW;
        END $$;
        CREATE TRIGGER note BEFORE UPDATE ON webhook_deliveries FOR EACH ROW EXECUTE FUNCTION note();
        """);

    private async Task<List<double>> WaitsAsync(int tries)
    {
        var waits = new List<double>();
        await using var command = Bench.Ledger.Postgres.CreateCommand("SELECT extract(epoch FROM wait)::float8 FROM noted WHERE tries = $1");
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = tries });
        await using var reader = await command.ExecuteReaderAsync();
        while (await reader.ReadAsync())
        {
            waits.Add(reader.GetDouble(0));
        }

        return waits;
    }
}
