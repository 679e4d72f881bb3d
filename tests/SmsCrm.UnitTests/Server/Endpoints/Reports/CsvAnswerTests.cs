using System.IO.Pipelines;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using SmsCrm.Pipeline.Messages;
using SmsCrm.Server.Endpoints.Reports;

namespace SmsCrm.UnitTests.Server.Endpoints.Reports;

public sealed class CsvAnswerTests
{
    private readonly TenantId _tenant = new(Guid.CreateVersion7());

    [Fact]
    public async Task What_was_read_is_on_its_way_before_the_rest_is_read()
    {
        var pipe = new Pipe(new PipeOptions(pauseWriterThreshold: 0));
        var rest = new TaskCompletionSource();
        var answering = ExecuteAsync(pipe.Writer.AsStream(), new TenantSlots(1, 1), LinesAsync(rest.Task));

        var arrived = await pipe.Reader.ReadAtLeastAsync(64 * 1024, TestContext.Current.CancellationToken);
        var isWhole = answering.IsCompleted;
        rest.SetResult();
        await answering;

        Assert.True(arrived.Buffer.Length >= 64 * 1024);
        Assert.False(isWhole, "all of it was read before any of it was written");
    }

    [Fact]
    public async Task Its_slot_is_free_again_when_it_ends_also_when_it_breaks_off()
    {
        var slots = new TenantSlots(1, 1);
        var broken = Task.FromException(new InvalidOperationException("Postgres is gone"));

        await Assert.ThrowsAsync<InvalidOperationException>(() => ExecuteAsync(Stream.Null, slots, LinesAsync(broken)));
        await ExecuteAsync(Stream.Null, slots, LinesAsync(Task.CompletedTask));

        Assert.True(slots.TryTake(_tenant));
    }

    private static async IAsyncEnumerable<IReadOnlyList<string>> LinesAsync(Task rest)
    {
        for (var i = 0; i < 5_000; i++)
        {
            yield return ["a field of", "some thirty bytes"];
        }

        await rest;
        yield return ["the", "last"];
    }

    private async Task ExecuteAsync(Stream body, TenantSlots slots, IAsyncEnumerable<IReadOnlyList<string>> lines)
    {
        await using var services = new ServiceCollection().AddLogging().BuildServiceProvider();
        var context = new DefaultHttpContext { RequestServices = services, Response = { Body = body } };
        await CsvAnswer.Of(slots, _tenant, "lines.csv", lines).ExecuteAsync(context);
    }
}
