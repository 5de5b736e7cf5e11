"use strict";
Portal.dropdowns();
Portal.pages[Portal.data.page]();
