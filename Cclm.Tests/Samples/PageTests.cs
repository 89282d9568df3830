using System.Globalization;
using System.Text.Json;
using Cclm.Inference;
using Deque.AxeCore.Playwright;
using Microsoft.Playwright;
using NUnit.Framework;
using static Microsoft.Playwright.Assertions;

namespace Cclm.Tests.Samples;

/// <summary>The service's web page in Debian's Chromium: what it shows, for eyes, keyboard and screen reader, and what it asks of whom.</summary>
public sealed class PageTests
{
    const string Chromium = "/usr/bin/chromium";
    const string Script = "<img src=x onerror=alert(document.domain)>";

    readonly TempFolder folder = new();
    readonly List<string> requests = [], errors = [];
    CclmModel model = null!;
    IPlaywright playwright = null!;
    IBrowser browser = null!;
    ServiceHost host = null!;
    IPage page = null!;

    ILocator Query => page.GetByRole(AriaRole.Combobox, new() { Name = "What should it do?" });

    ILocator Options => page.GetByRole(AriaRole.Listbox, new() { Name = "Members found" }).GetByRole(AriaRole.Option);

    ILocator Points => page.Locator("#plot [role=img]");

    [OneTimeSetUp]
    public async Task StartBrowser()
    {
        if (!File.Exists(Chromium))
        {
            Assert.Ignore($"There is no {Chromium} on this machine (apt-get install chromium), which these tests look at the page with.");
        }
        model = Zoo.Tiny.Load();
        host = await StartAsync();
        playwright = await Playwright.CreateAsync();
        browser = await playwright.Chromium.LaunchAsync(new() { ExecutablePath = Chromium, Args = ["--no-sandbox"] });
    }

    [OneTimeTearDown]
    public async Task StopBrowser()
    {
        if (browser is not null)
        {
            await browser.DisposeAsync();
            playwright.Dispose();
            await host.DisposeAsync();
            model.Dispose();
        }
        folder.Dispose();
    }

    [SetUp]
    public Task OpenPage() => OpenAsync(host);

    [TearDown]
    public async Task ClosePage()
    {
        await page.Context.DisposeAsync();
        Assert.That(requests, Is.All.StartsWith("http://127.0.0.1:"), "Nothing is asked of another host.");
        Assert.That(errors, Is.Empty);
    }

    [TestCase("Gives food to hungry animals.", "Keeper.Feed")]
    [TestCase("Gievs fodo to hungyr aniamls.", "Keeper.Feed")]
    [TestCase("Lcoks evrey doro at nihgt.", "Keeper.Close")]
    public async Task TypingShowsMembersWithWhatEachTowerSays(string query, string name)
    {
        await Query.PressSequentiallyAsync(query);
        await Expect(Options.First.Locator("code")).ToHaveTextAsync(name);
        await Expect(Options).ToHaveCountAsync(8);
        await Expect(page.GetByRole(AriaRole.Status).First).ToHaveTextAsync("8 members found.");
        var hits = (await ServiceHost.JsonAsync(await host.PostAsync(JsonSerializer.Serialize(new { query, top = 8 }), path: "/v1/search"))).GetProperty("data");
        foreach (var (i, hit) in hits.EnumerateArray().Index())
        {
            (string, double)[] scores =
            [
                ("all towers", hit.GetProperty("score").GetDouble()),
                .. hit.GetProperty("towers").EnumerateArray().Select(tower => (tower.GetProperty("tower").GetString()!, tower.GetProperty("score").GetDouble())),
            ];
            var bars = Options.Nth(i).Locator(".bar");
            await Expect(bars).ToHaveTextAsync(scores.Select(score => $"{score.Item1} {score.Item2.ToString("F2", CultureInfo.InvariantCulture)}"));
            for (var k = 0; k < scores.Length; k++)
            {
                var (track, length) = (await bars.Nth(k).Locator(".track").BoundingBoxAsync(), await bars.Nth(k).Locator(".length").BoundingBoxAsync());
                Assert.That(length!.Width / track!.Width, Is.EqualTo(Math.Abs(scores[k].Item2)).Within(0.01));
            }
        }
    }

    [Test]
    public async Task AnAnswerThatComesLateIsNotShown()
    {
        var release = new TaskCompletionSource();
        await page.RouteAsync("**/v1/search", async route =>
        {
            if (Late(route.Request))
            {
                await release.Task;
            }
            await route.ContinueAsync();
        });
        var dropped = new TaskCompletionSource<string?>();
        page.RequestFailed += (_, request) => dropped.TrySetResult(request.Failure);
        await page.RunAndWaitForRequestAsync(() => Query.FillAsync("Opens the gate before the visitors come."), request => Late(request));
        await Query.FillAsync("Sweeps the floor with a broom.");
        await Expect(Options.First.Locator("code")).ToHaveTextAsync("Cage.Clean");
        release.SetResult();
        Assert.That(await dropped.Task, Is.EqualTo("net::ERR_ABORTED"));
        await Expect(Options.First.Locator("code")).ToHaveTextAsync("Cage.Clean");

        static bool Late(IRequest request) => request.PostData?.Contains("gate", StringComparison.Ordinal) == true;
    }

    [Test]
    public async Task TheKeyboardMovesChoosesAndBeginsAgain()
    {
        await Query.FillAsync("hungry animals");
        await Expect(Query).ToHaveAttributeAsync("aria-expanded", "true");
        foreach (var (key, place) in new[] { ("ArrowDown", 0), ("ArrowDown", 1), ("ArrowUp", 0), ("ArrowUp", -1), ("ArrowUp", 7), ("ArrowDown", -1), ("ArrowDown", 0) })
        {
            await Query.PressAsync(key);
            await Expect(Options.And(page.Locator("[aria-selected=true]"))).ToHaveCountAsync(place < 0 ? 0 : 1);
            Assert.That(await Query.GetAttributeAsync("aria-activedescendant"), Is.EqualTo(place < 0 ? null : await Options.Nth(place).GetAttributeAsync("id")));
        }
        var (name, summary) = (await Options.First.Locator("code").InnerTextAsync(), await Options.First.Locator("p").InnerTextAsync());
        await Query.PressAsync("Enter");
        await Expect(Query).ToHaveValueAsync(summary);
        await Expect(Options.First.Locator(".score").First).ToHaveTextAsync("1.00");
        await Expect(Options.First.Locator("code")).ToHaveTextAsync(name);
        await Query.PressAsync("Escape");
        await Expect(Query).ToHaveValueAsync("");
        await Expect(Options).ToHaveCountAsync(0);
        await Expect(Query).ToHaveAttributeAsync("aria-expanded", "false");
    }

    [Test]
    public async Task WhatLooksLikeAScriptIsText()
    {
        page.Dialog += (_, dialog) => errors.Add(dialog.Message);
        await Query.FillAsync(Script);
        await Expect(Options.First.Locator("p")).ToHaveTextAsync(Script);
        await page.GetByLabel("Texts, one a line").FillAsync($"{Script}\n<svg onload=alert(1)>");
        await page.GetByRole(AriaRole.Button, new() { Name = "Draw the map" }).ClickAsync();
        await Expect(Points.First).ToHaveAttributeAsync("aria-label", Script);
        await Expect(page.Locator("img")).ToHaveCountAsync(1);
        await Expect(page.Locator("svg")).ToHaveCountAsync(1);
    }

    [TestCase("one text")]
    [TestCase("abc", "cab", "bca")]
    [TestCase("a", "", "  bb  ", "a text that is too long to be written beside its point", "d 😀", "e", "f", "g")]
    public async Task TheMapHasAPointForEachTextThatTheKeyboardReaches(params string[] lines)
    {
        string[] texts = [.. lines.Select(line => line.Trim()).Where(line => line.Length > 0)];
        await page.GetByLabel("Texts, one a line").FillAsync(string.Join('\n', lines));
        await page.GetByRole(AriaRole.Button, new() { Name = "Draw the map" }).ClickAsync();
        await Expect(Points).ToHaveCountAsync(texts.Length);
        await Expect(page.Locator("#map-status")).ToHaveTextAsync($"{texts.Length} texts drawn.");
        await page.Keyboard.PressAsync("Tab");
        foreach (var text in texts.Append(texts[0]))
        {
            await Expect(page.Locator("#plot :focus")).ToHaveAttributeAsync("aria-label", text);
            await Expect(page.Locator("#point")).ToHaveTextAsync(text);
            await page.Keyboard.PressAsync("ArrowRight");
        }
        var plot = await page.Locator("#plot").BoundingBoxAsync();
        foreach (var circle in await page.Locator("#plot circle").AllAsync())
        {
            var box = await circle.BoundingBoxAsync();
            Assert.That(box!.X >= plot!.X && box.Y >= plot.Y && box.X + box.Width <= plot.X + plot.Width && box.Y + box.Height <= plot.Y + plot.Height, "Inside the plot.");
        }
    }

    [Test]
    public async Task WithoutTextsTheMapSaysSo()
    {
        await page.GetByLabel("Texts, one a line").FillAsync(" \n ");
        await page.GetByRole(AriaRole.Button, new() { Name = "Draw the map" }).ClickAsync();
        await Expect(page.Locator("#map-status")).ToHaveTextAsync("There is no text; write some, one a line.");
    }

    [Test]
    public async Task TheKeyIsAskedForUntilItIsRight()
    {
        await using var guarded = await StartAsync(("Service:ApiKeys:0", "right"));
        await OpenAsync(guarded);
        foreach (var key in (string[])["wrong", "right"])
        {
            await page.GetByLabel("API key").FillAsync(key);
            await page.GetByLabel("API key").PressAsync("Enter");
            await Expect(page.GetByLabel("API key")).ToHaveValueAsync("");
        }
        await Expect(page.GetByRole(AriaRole.Status).First).ToHaveTextAsync("9 members of the .NET API.");
        await Query.FillAsync("Sweeps the floor with a broom.");
        await Expect(Options.First.Locator("code")).ToHaveTextAsync("Cage.Clean");
        await Expect(page.GetByRole(AriaRole.Dialog)).ToBeHiddenAsync();
        Assert.That(errors, Is.All.Contain("401"), "A browser notes each answer of this kind.");
        errors.Clear();
    }

    [Test]
    public async Task WithoutAKeyThePageSaysThatThereIsNoAnswer()
    {
        await using var guarded = await StartAsync(("Service:ApiKeys:0", "right"));
        await OpenAsync(guarded);
        await Expect(page.GetByLabel("API key")).ToBeFocusedAsync();
        await page.Keyboard.PressAsync("Escape");
        await Expect(page.GetByRole(AriaRole.Status).First).ToContainTextAsync("Without an API key this service does not answer.");
        errors.Clear();
    }

    [Test]
    public async Task WithoutDocumentationThePageSaysSo()
    {
        await using var bare = await StartAsync(("Service:SearchMembers", "0"));
        await OpenAsync(bare);
        await Expect(page.GetByRole(AriaRole.Status).First).ToHaveTextAsync("The search is off (Service:SearchMembers is 0).");
        await Expect(Query).ToBeDisabledAsync();
    }

    [TestCase(ColorScheme.Light, 1180)]
    [TestCase(ColorScheme.Dark, 1180)]
    [TestCase(ColorScheme.Light, 360)]
    public async Task AxeFindsNothingToBarAnyone(ColorScheme scheme, int width)
    {
        await OpenAsync(host, new() { ColorScheme = scheme, ViewportSize = new() { Width = width, Height = 800 }, BypassCSP = true });
        await Query.FillAsync("hungry animals");
        await Expect(Options).ToHaveCountAsync(8);
        await Query.PressAsync("ArrowDown");
        await page.GetByRole(AriaRole.Button, new() { Name = "Draw the map" }).ClickAsync();
        await Expect(Points).ToHaveCountAsync(13);
        var found = await page.RunAxe();
        Assert.That(found.Violations.Select(violation => $"{violation.Id}: {violation.Help} ({string.Join(", ", violation.Nodes.Select(node => node.Html))})"), Is.Empty);
        Assert.That(await page.EvaluateAsync<int>("document.documentElement.scrollWidth"), Is.LessThanOrEqualTo(width), "Nothing is scrolled sideways.");
    }

    [Test]
    public async Task ThePageIsKeptByItsTagAndRunsItsOwnScriptAlone()
    {
        foreach (var path in (string[])["/", "/page.js", "/page.css", "/icon.svg"])
        {
            using var response = await host.Client.GetAsync(path);
            Assert.That(response.Headers.GetValues("Content-Security-Policy").Single(), Does.StartWith("default-src 'none'; script-src 'self';").And.Not.Contain("unsafe"));
            Assert.That(response.Headers.GetValues("X-Content-Type-Options"), Is.EqualTo((string[])["nosniff"]));
            using var again = new HttpRequestMessage(HttpMethod.Get, path) { Headers = { IfNoneMatch = { response.Headers.ETag! } } };
            Assert.That((int)(await host.Client.SendAsync(again)).StatusCode, Is.EqualTo(304));
        }
        await Assert.ThatAsync(() => page.EvaluateAsync("document.body.innerHTML = '<b>text</b>'"), Throws.TypeOf<PlaywrightException>().With.Message.Contains("TrustedHTML"));
        errors.Clear();         // the browser notes what it did not do
    }

    Task<ServiceHost> StartAsync(params (string, string)[] settings) =>
        ServiceHost.StartAsync(model, [("Service:SearchDocumentation", Zoo.Write(folder)), ("Service:SearchMembers", "100"), .. settings]);

    /// <summary>Opens the page in a browser that knows nothing of those before it.</summary>
    async Task OpenAsync(ServiceHost service, BrowserNewContextOptions? options = null)
    {
        if (page is not null)
        {
            await page.Context.DisposeAsync();
        }
        requests.Clear();
        errors.Clear();
        page = await (await browser.NewContextAsync(options)).NewPageAsync();
        page.Request += (_, request) => requests.Add(request.Url);
        page.Console += (_, message) =>
        {
            if (message.Type is "error" or "warning")
            {
                errors.Add(message.Text);
            }
        };
        page.PageError += (_, message) => errors.Add(message);
        await page.GotoAsync(service.Url.ToString());
    }
}
