using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using SmsCrm.Pipeline.Messages;
using SmsCrm.Pipeline.Provider;

namespace SmsCrm.IntegrationTests.Pipeline.Provider;

/// <summary>The provider as the product wires it, against any address.</summary>
internal sealed class ProviderUnderTest : IDisposable
{
    public const string AccountSid = "AC00000000000000000000000000000001";
    private static readonly TenantId Tenant = new(new Guid("01890000-0000-7000-8000-000000000001"));
    private readonly ServiceProvider _services;
    private readonly MessageIdSource _ids = new(TimeProvider.System);

    public ProviderUnderTest(Uri address, int postTimeoutMs = 10_000, string accountSid = AccountSid, string token = "token")
    {
        var configuration = new ConfigurationBuilder()
            .AddInMemoryCollection(new Dictionary<string, string?>
            {
                ["SmsCrm:Provider:PostTimeoutMs"] = $"{postTimeoutMs}",
                ["SmsCrm:Provider:PublicBaseUrl"] = "http://127.0.0.1:9",
            })
            .Build();
        _services = new ServiceCollection().AddSingleton<IConfiguration>(configuration).AddLogging().AddProvider().BuildServiceProvider();
        Account = new ProviderAccount(Guid.CreateVersion7(), Tenant, accountSid, token, address, 100, 10);
    }

    public ProviderAccount Account { get; }

    public ISmsProvider Provider => _services.GetRequiredService<ISmsProvider>();

    public OutgoingText Text(string body = "Your code is 123456", TimeSpan? within = null, string to = "+14155550123", string from = "12345") => new(
        Tenant,
        _ids.Next(),
        1,
        from,
        PhoneNumber.TryParseE164(to, out var number) ? number : throw new ArgumentException(to),
        body,
        TimeProvider.System.GetTimestamp() + (long)((within ?? TimeSpan.FromSeconds(20)).TotalSeconds * TimeProvider.System.TimestampFrequency),
        TimeProvider.System);

    public Task<PostOutcome> PostAsync(OutgoingText? text = null) => Provider.CreateAsync(Account, text ?? Text(), CancellationToken.None);

    public void Dispose() => _services.Dispose();
}
