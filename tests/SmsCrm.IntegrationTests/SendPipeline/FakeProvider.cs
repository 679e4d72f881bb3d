using System.Collections.Concurrent;
using SmsCrm.Pipeline.Messages;
using SmsCrm.Pipeline.Provider;

namespace SmsCrm.IntegrationTests.SendPipeline;

/// <summary>A provider that takes every text at once, unless a test says otherwise; it remembers what it was handed.</summary>
internal sealed class FakeProvider : ISmsProvider
{
    private readonly ConcurrentQueue<OutgoingText> _texts = new();

    public IReadOnlyCollection<OutgoingText> Texts => _texts;

    /// <summary>What becomes of a POST; the text has been remembered when it is asked.</summary>
    public Func<OutgoingText, Task<PostOutcome>> Answer { get; set; } = static _ => Task.FromResult(Taken());

    /// <summary>Accounts of which every POST hangs, until the task ends.</summary>
    public (Func<ProviderAccount, bool> Is, Task Until) Hanging { get; set; } = (static _ => false, Task.CompletedTask);

    /// <summary>What a fetch shows.</summary>
    public Func<ProviderSid, ProviderMessage?> Knows { get; set; } = static _ => null;

    /// <summary>What the list shows for a recipient; null: the provider does not answer.</summary>
    public Func<PhoneNumber, IReadOnlyList<ProviderMessage>?> Lists { get; set; } = static _ => null;

    /// <summary>What the list shows that recipients wrote to a number; null: the provider does not answer.</summary>
    public Func<string, IReadOnlyList<ProviderMessage>?> ListsInbound { get; set; } = static _ => [];

    public static PostOutcome Taken() => new PostOutcome.Accepted(new ProviderSid('S', Guid.CreateVersion7()));

    public int CountOf(MessageId id) => _texts.Count(text => text.Message == id);

    public async Task<PostOutcome> CreateAsync(ProviderAccount account, OutgoingText text, CancellationToken cancellation)
    {
        if (text.Clock.GetTimestamp() >= text.PostBy)
        {
            return new PostOutcome.NotSent("past post_by");
        }

        _texts.Enqueue(text);
        if (Hanging.Is(account))
        {
            await Hanging.Until;
            return new PostOutcome.Unknown("timed out");
        }

        return await Answer(text);
    }

    public Task<ProviderMessage?> FetchAsync(ProviderAccount account, ProviderSid sid, CancellationToken cancellation) =>
        Task.FromResult(Knows(sid));

    public Task<IReadOnlyList<ProviderMessage>?> ListAsync(
        ProviderAccount account, PhoneNumber to, DateTimeOffset since, CancellationToken cancellation) => Task.FromResult(Lists(to));

    public Task<IReadOnlyList<ProviderMessage>?> ListInboundAsync(
        ProviderAccount account, string to, DateTimeOffset since, CancellationToken cancellation) => Task.FromResult(ListsInbound(to));

    public Task<bool> ListOutboundAsync(
        ProviderAccount account,
        DateTimeOffset since,
        int maxPages,
        Func<IReadOnlyList<ProviderMessage>, CancellationToken, Task> take,
        CancellationToken cancellation) => Task.FromResult(true);
}
