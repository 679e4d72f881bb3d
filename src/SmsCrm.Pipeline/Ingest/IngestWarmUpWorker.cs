using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using SmsCrm.Contracts.V1;
using SmsCrm.Pipeline.Messages;

namespace SmsCrm.Pipeline.Ingest;

/// <summary>
/// Does once at start what the first request would otherwise wait for: the connection to Redis, libphonenumber's tables, compiled code.
/// In the background: a Redis that is away holds no start up.
/// </summary>
internal sealed class IngestWarmUpWorker(IServiceProvider services) : BackgroundService
{
    private static readonly string[] Numbers = ["+14155550123", "+442071838750", "(212) 555-1000", "+15005550006"];

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.Run(WarmUp, stoppingToken);

    private void WarmUp()
    {
        _ = services.GetRequiredService<MessageIntake>();
        var validator = services.GetRequiredService<MessageValidator>();
        var ids = services.GetRequiredService<MessageIdSource>();
        foreach (var number in Numbers)
        {
            var caller = new IngestCaller(new TenantId(ids.Next().Value), "US");
            var request = new SendRequest { To = number, Body = "Hello", Purpose = Contracts.V1.Purpose.Transactional, IdempotencyKey = "warm up" };
            if (validator.Validate(caller, request, out _) is { } valid)
            {
                _ = OutgoingRequest.Create(caller, valid, ids.Next(), OutgoingRequest.HashOf(valid.Record), ids.Next().AcceptedAt);
            }
        }
    }
}
