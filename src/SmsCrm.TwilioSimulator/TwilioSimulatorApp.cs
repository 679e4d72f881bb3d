using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using SmsCrm.TwilioSimulator.Api;
using SmsCrm.TwilioSimulator.Callbacks;
using SmsCrm.TwilioSimulator.Control;
using SmsCrm.TwilioSimulator.Delivery;
using SmsCrm.TwilioSimulator.Knobs;
using SmsCrm.TwilioSimulator.Ledger;
using SmsCrm.TwilioSimulator.Senders;

namespace SmsCrm.TwilioSimulator;

/// <summary>A local Twilio: the Messages API at <c>/2010-04-01</c>, and its control at <c>/_control</c>.</summary>
public static class TwilioSimulatorApp
{
    /// <summary>Builds a simulator, which reads its ledger here and listens from <c>StartAsync</c> on.</summary>
    /// <param name="options">Checked here; see <see cref="TwilioSimulatorOptions.Validate"/>.</param>
    /// <param name="logging">What its logs go to. Default: nowhere.</param>
    /// <param name="time">The clock of everything but the callbacks' time-outs. Default: the system's.</param>
    /// <exception cref="ArgumentException">The options are wrong; the message has every error.</exception>
    /// <exception cref="IOException">The ledger can't be opened, for example because another simulator has it.</exception>
    /// <exception cref="InvalidDataException">The ledger's path is some other file's.</exception>
    public static WebApplication Build(TwilioSimulatorOptions options, Action<ILoggingBuilder>? logging = null, TimeProvider? time = null)
    {
        var errors = options.Validate();
        if (errors.Count > 0)
            throw new ArgumentException(string.Join(Environment.NewLine, errors), nameof(options));

        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = RequestBody.Most;
            // Held answers are the simulator's purpose.
            kestrel.Limits.MinResponseDataRate = null;
            kestrel.Listen(new IPEndPoint(options.Address, options.Port));
        });
        builder.Logging.ClearProviders().AddFilter("Microsoft", LogLevel.Warning);
        logging?.Invoke(builder.Logging);
        builder.Services.AddRoutingCore();
        AddSimulator(builder.Services, options, time ?? TimeProvider.System);

        var app = builder.Build();
        app.Services.GetRequiredService<MessageLedger>();
        var api = app.Services.GetRequiredService<MessagesApi>();
        app.Use(next => context => context.Request.Path.Value!.StartsWith(MessagesApi.Prefix, StringComparison.Ordinal)
            ? api.AnswerAsync(context)
            : next(context));
        app.UseRouting();
        app.MapControl();
        app.MapFallback(context =>
        {
            ApiAnswer.Error(context, ApiError.NotFound(context.Request.Path.Value ?? ""));
            return Task.CompletedTask;
        });
        return app;
    }

    /// <summary>Where a started simulator listens, as <c>http://127.0.0.1:8090</c>.</summary>
    public static Uri BaseAddress(WebApplication app)
    {
        var addresses = app.Services.GetRequiredService<IServer>().Features.GetRequiredFeature<IServerAddressesFeature>();
        return new Uri(addresses.Addresses.First());
    }

    private static void AddSimulator(IServiceCollection services, TwilioSimulatorOptions options, TimeProvider time)
    {
        services.AddSingleton(options);
        services.AddSingleton(time);
        services.AddSingleton(new Draws(options.Seed));
        services.AddSingleton(new KnobBoard(options.Knobs));
        services.AddSingleton<SenderBook>();
        services.AddSingleton<SenderPool>();
        services.AddSingleton<AccountBook>();
        services.AddSingleton<SimulatorCounters>();
        services.AddSingleton<ArrivalLog>();
        services.AddSingleton(LedgerOpening.Open);
        services.AddSingleton<DueQueue>();
        services.AddSingleton<CallbackQueue>();
        services.AddSingleton<CallbackSender>();
        services.AddSingleton<StatusNotices>();
        services.AddSingleton<MessageWay>();
        services.AddSingleton<MessageCancellation>();
        services.AddSingleton<DeliveryLoop>();
        services.AddSingleton<Resumption>();
        services.AddSingleton<Reset>();
        services.AddSingleton<CreateRules>();
        services.AddSingleton<CreateHandler>();
        services.AddSingleton<ListHandler>();
        services.AddSingleton<MessageHandler>();
        services.AddSingleton<MessagesApi>();
        services.AddHostedService<SimulatorWorker>();
    }
}
