using System.Globalization;
using System.Net;

namespace SmsCrm.LoadTests.Webhooks;

/// <summary>What an endpoint is while some misbehave; otherwise all answer at once.</summary>
internal enum EndpointClass
{
    Good,

    /// <summary>Takes the request and never answers.</summary>
    Hanging,

    /// <summary>Answers 500.</summary>
    Failing,
}

/// <summary>
/// Who has which endpoints, and which of them misbehave; pure. Those that do are spread evenly over the tenants from the largest on, hanging and
/// failing in turn, so most of them have good ones beside them that hear of the same events.
/// </summary>
internal sealed class WebhooksPlan
{
    private readonly EndpointClass[] _classes;
    private readonly double[] _upTo;

    /// <param name="tenants">1 or more.</param>
    /// <param name="endpoints">A multiple of <paramref name="tenants"/>.</param>
    /// <param name="hanging">With <paramref name="failing"/> fewer than <paramref name="endpoints"/>.</param>
    public WebhooksPlan(int tenants, int endpoints, int hanging, int failing)
    {
        (Tenants, Endpoints, _classes) = (tenants, endpoints, new EndpointClass[endpoints]);
        var taken = new int[tenants];
        var bad = hanging + failing;
        for (var i = 0; i < bad; i++)
        {
            var tenant = (int)((long)i * tenants / bad);
            // In turn while there are both: each kind has its share of the bad ones up to here.
            var isHanging = (long)(i + 1) * hanging / bad > (long)i * hanging / bad;
            _classes[tenant + (tenants * taken[tenant]++)] = isHanging ? EndpointClass.Hanging : EndpointClass.Failing;
        }

        var sum = 0.0;
        _upTo = [.. Enumerable.Range(1, tenants).Select(k => sum += 1.0 / k)];
    }

    public int Tenants { get; }

    public int Endpoints { get; }

    /// <summary>Deliveries that one event makes.</summary>
    public int PerTenant => Endpoints / Tenants;

    public int TenantOf(int endpoint) => endpoint % Tenants;

    public EndpointClass ClassOf(int endpoint) => _classes[endpoint];

    public IReadOnlyList<int> Of(EndpointClass kind) => [.. Enumerable.Range(0, Endpoints).Where(endpoint => _classes[endpoint] == kind)];

    /// <summary>Good endpoints of a tenant.</summary>
    public int GoodOf(int tenant) => Enumerable.Range(0, PerTenant).Count(i => _classes[tenant + (Tenants * i)] == EndpointClass.Good);

    /// <summary>A loopback address of its own, as receivers are hosts of their own: none shares another's connections.</summary>
    public static IPAddress AddressOf(int endpoint) =>
        IPAddress.Parse(string.Create(CultureInfo.InvariantCulture, $"127.{1 + (endpoint / 62_500)}.{endpoint / 250 % 250}.{1 + (endpoint % 250)}"));

    /// <summary>Whose message each arrival is: the k-th tenant has a share of 1/k.</summary>
    public int[] DrawTenants(int arrivals, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, arrivals).Select(_ => TenantAt(random.NextDouble() * _upTo[^1]))];
    }

    private int TenantAt(double place)
    {
        var found = Array.BinarySearch(_upTo, place);
        return Math.Min(Tenants - 1, found >= 0 ? found + 1 : ~found);
    }
}
